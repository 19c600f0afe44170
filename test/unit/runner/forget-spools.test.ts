import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { forgetSpools } from '../../../src/runner/providers/unix-local/forget-spools.ts';
import { localPlace } from './local.ts';

test('commands that a Host left running end, and nothing is kept of any', async () => {
  const place = localPlace();
  onTestFinished(() => place.dispose());
  const gone = await place.open();
  const run = { program: 'sh', io: 'spool' } as const;
  await (
    await gone.start({ ...run, command_id: 'ended', args: ['-c', 'echo kept'] })
  ).result;
  const left = await gone.start({ ...run, command_id: 'left', args: ['-c', 'sleep 60 & sleep 60'] });
  left.result.catch(() => undefined);
  const later = await place.open();
  expect((await later.findCommand('left')).state).toBe('running');
  await gone.close();
  await forgetSpools(place.spool);
  expect(existsSync(place.spool)).toBe(false);
  expect((await later.findCommand('left')).state).toBe('unknown');
  await forgetSpools(join(place.base, 'never'));
});
