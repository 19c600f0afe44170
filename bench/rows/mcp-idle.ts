import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { scriptCassette } from '../../src/testing/model-server/script-cassette.ts';
import { fixtureToolset, mcpTeam } from '../../src/testing/mcp/fixture.ts';
import { type Row, wall } from '../row.ts';

const command = path.join(import.meta.dirname, '../../bin/yonder.js');

/** The list of the server is kept from the run before those that are counted; after it nothing may be started. */
export const row: Row = {
  what: '`yonder run` of a team with a stdio MCP server whose tools are not called',
  against: 'the same without the server',
  bars: { wall: { ratio: 1.05, direction: 'at most' } },
  rounds: 15,
  async prepare() {
    const folder = await mkdtemp(path.join(tmpdir(), 'yonder-bench-'));
    const trace = path.join(folder, 'trace');
    const think = ['- type: think'];
    await writeFile(path.join(folder, 'with.yaml'), mcpTeam([think, fixtureToolset({ trace })]));
    await writeFile(path.join(folder, 'without.yaml'), mcpTeam([think]));
    const tape = scriptCassette([{ text: 'No need.' }], { api: 'openai_chatcompletions', model: 'gpt-4o' });
    await writeFile(path.join(folder, 'tape.yaml'), tape);
    const run = (team: string) =>
      wall(() => {
        const args = ['run', team, '--exec', '--json', '--fake', 'tape.yaml', '--fake-match', 'order', 'hi'];
        const { PATH } = process.env;
        const options = { cwd: folder, env: { PATH, HOME: folder }, encoding: 'utf8' } as const;
        const { status, stderr } = spawnSync(process.execPath, [command, ...args], options);
        if (status !== 0) throw new Error(`the run of ${team} ended with ${status}: ${stderr}`);
      });
    await run('with.yaml');
    return {
      ours: async () => ({ wall: await run('with.yaml') }),
      base: async () => ({ wall: await run('without.yaml') }),
      async close() {
        const starts = (await readFile(trace, 'utf8')).split('\n').filter((line) => line === 'start');
        await rm(folder, { recursive: true });
        if (starts.length !== 1) throw new Error(`the server was started ${starts.length} times, not once`);
      },
    };
  },
};
