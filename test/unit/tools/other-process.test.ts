import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bench } from './support.ts';

test.each([
  ['writes into it', 'printf theirs > f', 'theirs'],
  ['puts another file in its place', 'printf theirs > g; mv g f', 'theirs'],
  ['writes as many bytes, with the same time', 'cp -p f g; printf THEIR > f; touch -r g f; rm g', 'THEIR'],
  ['takes it away', 'rm f', undefined],
])('an edit in a file is a conflict when another process %s in between (R38)', async (_, line, left) => {
  const { run, root, workspace } = await bench();
  writeFileSync(join(root, 'f'), 'ours1');
  const between = Object.create(workspace, {
    readFile: {
      async value(...args: Parameters<typeof workspace.readFile>) {
        const read = await workspace.readFile(...args);
        execFileSync('sh', ['-c', line], { cwd: root });
        return read;
      },
    },
    stat: { value: workspace.stat.bind(workspace) },
    writeFile: { value: workspace.writeFile.bind(workspace) },
  }) as typeof workspace;
  const edits = [{ oldText: 'ours1', newText: 'ours2' }];
  const result = await run('edit_file', { path: 'f', edits }, { workspace: between });
  expect(result).toMatchObject({
    is_error: true,
    output: expect.stringContaining('something else changed it meanwhile'),
  });
  const now = left === undefined ? undefined : readFileSync(join(root, 'f'), 'utf8');
  expect(now).toBe(left);
});
