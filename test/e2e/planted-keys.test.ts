import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startModelServer } from '../../src/testing/model-server/server.ts';
import { serverTeam, test, until } from './cli.ts';

const KEY = 'planted-key-4f1d8a77e2';
const GIVEN = 'planted-value-90b3c1';
const SHAPES = /planted-(?:key-4f1d8a77e2|value-90b3c1)/;

/** Every regular file below a folder that holds one of the planted values. */
function holding(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true)
    .filter((path) => SHAPES.test(readFileSync(path, 'latin1')));
}

/** A file of a process; empty where the process has ended by now, as each `sleep` of the command does. */
function ofProcess(name: string): string {
  try {
    return readFileSync(`/proc/${name}`, 'latin1');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
}

/** Command lines and environments of the processes that a command has started, its own apart. */
function childrenOf(pid: number): string {
  const children = ofProcess(`${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean);
  return children
    .map((child) =>
      ['cmdline', 'environ']
        .map((name) => ofProcess(`${child}/${name}`))
        .concat(childrenOf(Number(child)))
        .join('\n'),
    )
    .join('\n');
}

test('a planted key is in no file, argument or variable of a child, and in no output, but where it was put', async ({
  place,
  skip,
}) => {
  skip(process.platform !== 'linux', 'what children have is read from /proc');
  const server = await startModelServer([
    {
      tool_calls: [
        {
          name: 'shell',
          arguments: { cmd: 'env; cat keys.env; touch on; while [ -e on ]; do sleep 0.05; done' },
        },
      ],
    },
    { text: `The key is ${KEY}, and the value is ${GIVEN}.`, delta_size: 3 },
  ]);
  try {
    await place.write('team.yaml', serverTeam(server.url, { toolsets: ['shell'] }));
    const planted = await place.write('keys.env', `SCRIPTED_KEY=${KEY}\nMY_TOKEN=${GIVEN}\n`);
    const words = [
      'run',
      'team.yaml',
      '--exec',
      '--yolo',
      '--env-from-file',
      'keys.env',
      '--record=tape.yaml',
    ];
    const running = place.start([...words, '--log-file', 'log', '-o', 'answer', 'tell me']);
    await until(() => existsSync(join(place.work, 'on')));
    const children = childrenOf(running.child.pid ?? 0);
    expect(children).toContain('touch on');
    expect(children).not.toMatch(SHAPES);
    rmSync(join(place.work, 'on'));
    const { code, stdout, stderr } = await running.finished;
    expect([code, stdout]).toEqual([
      0,
      'The key is [redacted:SCRIPTED_KEY], and the value is [redacted:MY_TOKEN].\n',
    ]);
    expect(stderr).not.toMatch(SHAPES);
    const exported = await place.run(['sessions', 'export', '-1', '--format', 'json', '-o', 'session.json']);
    expect(exported.code).toBe(0);
    for (const name of ['tape.yaml', 'log', 'answer', 'session.json'])
      expect(existsSync(join(place.work, name)), name).toBe(true);
    // The store, its WAL, the spool and all that was written: in none of them.
    expect(holding(place.root)).toEqual([planted]);
    expect(JSON.stringify(server.journal)).not.toMatch(SHAPES);
  } finally {
    await server.close();
  }
});
