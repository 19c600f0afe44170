import { expect, test } from 'vitest';
import { toldHowToBegin } from '../../../src/cli/run/new-session-id.ts';
import { withoutEffect } from '../../../src/cli/run/without-effect.ts';
import { YonderError } from '../../../src/protocol/errors.ts';

const there = { run_id: 'r', pid: 7, here: false };

test('flags for a session that another process drives are named, and only those that would count', () => {
  const typed = { safety: 'strict', maxCost: 1, json: true, exec: true, session: 's' } as const;
  const begins = 'warning: process 7 drives this session with what it was given: ';
  expect(withoutEffect(typed, typed, { active_run: there })).toEqual([
    `${begins}--safety, --max-cost of this command do not count`,
  ]);
  expect(withoutEffect({ askFor: ['shell'] }, {}, { active_run: there })).toEqual([
    `${begins}--ask-for of this command does not count`,
  ]);
  expect(withoutEffect({ session: 's' }, {}, { active_run: there })).toEqual([]);
  expect(withoutEffect(typed, typed, { active_run: { ...there, here: true } })).toEqual([]);
  expect(withoutEffect(typed, typed, { active_run: undefined })).toEqual([]);
});

test('snapshots beside further folders are said to leave these out, wherever the snapshots were turned on', () => {
  const flags = { addDir: ['/a', '/b'], snapshots: true };
  expect(withoutEffect({}, flags, { active_run: undefined })).toEqual([
    'warning: snapshots are of the working folder alone: an undo does not take back what changes in /a, /b',
  ]);
  expect(withoutEffect({}, { ...flags, snapshots: false }, { active_run: undefined })).toEqual([]);
  expect(withoutEffect({}, { snapshots: true }, { active_run: undefined })).toEqual([]);
});

test('an unknown session that could be a name is told how one of that name begins', () => {
  const missing = new YonderError('not_found', 'there is no session shared; list them');
  expect(toldHowToBegin(missing, 'shared')).toMatchObject({
    code: 'not_found',
    message: `${missing.message}; to begin one of your own name, write it with a - _ or . in it: --session shared-1`,
  });
  for (const session of ['-3', '01jd', undefined]) expect(toldHowToBegin(missing, session)).toBe(missing);
  const other = new YonderError('store_failed', 'x');
  expect(toldHowToBegin(other, 'shared')).toBe(other);
});
