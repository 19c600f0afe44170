import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { scriptCassette } from '../../src/testing/model-server/script-cassette.ts';
import { partProgram } from '../parts/parts.ts';
import { test } from './cli.ts';

test('the built command talks to a real MCP server, and starts none whose tools are not called', async ({
  place,
}) => {
  // What the server is asked goes through a script, which leaves a mark that it was started.
  await place.write(
    'serve.sh',
    `touch started\nexec '${process.execPath}' '${partProgram('server-everything')}'\n`,
  );
  await place.write(
    'team.yaml',
    [
      'agents:',
      '  root:',
      '    model: openai/gpt-4o',
      '    description: calls',
      '    instruction: Call.',
      '    toolsets:',
      '      - {type: mcp, name: every, command: sh, args: [serve.sh]}',
      '',
    ].join('\n'),
  );
  const options = { api: 'openai_chatcompletions', model: 'gpt-4o' } as const;
  const echo = { name: 'every_echo', arguments: { message: 'hey' } };
  await place.write('calls.yaml', scriptCassette([{ tool_calls: [echo] }, { text: 'Called.' }], options));
  await place.write('talks.yaml', scriptCassette([{ text: 'No need.' }], options));
  const run = (tape: string) =>
    place.run(['run', 'team.yaml', '--exec', '--fake', tape, '--fake-match', 'order', '--yolo', 'hi']);
  expect(await run('calls.yaml')).toMatchObject({ code: 0, stdout: 'Called.\n' });
  expect((await place.run(['sessions', 'show', '-1'])).stdout).toContain('Echo: hey');

  rmSync(join(place.work, 'started'));
  expect(await run('talks.yaml')).toMatchObject({ code: 0, stdout: 'No need.\n' });
  expect(existsSync(join(place.work, 'started'))).toBe(false);
});
