import { expect, test } from 'vitest';
import { transcriptLines, transcriptText } from '../../../src/cli/render/transcript.ts';

const at = '2026-11-21T16:35:44.302Z';
const message = (role: 'user' | 'assistant', content: string) => ({
  message_id: `msg_${content}`,
  role,
  content,
  created_at: at,
});
const change = (kind: string, after: number, removed: number, files: number) => ({
  kind,
  at: after,
  removed,
  files,
  by: 'admin',
  timestamp: at,
});
const bare = (_: unknown, text: string) => text;

test('what was taken back stands where it was, for people and for programs', () => {
  const messages = [message('user', 'one'), message('assistant', 'two')];
  const changes = [change('undo', 0, 4, 1), change('undo', 2, 1, 0), change('reset', 2, 6, 12)];
  expect(transcriptText({ messages, changes }, bare)).toBe(
    [
      '[undo at 2026-11-21 16:35 by admin: 4 messages and 1 file taken back]',
      'user:',
      'one',
      'assistant:',
      'two',
      '[undo at 2026-11-21 16:35 by admin: 1 message and no file taken back]',
      '[reset at 2026-11-21 16:35 by admin: 6 messages and 12 files taken back]',
      '',
    ].join('\n'),
  );
  expect(transcriptLines({ messages, changes })).toEqual([
    { type: 'history_changed', ...changes[0] },
    ...messages,
    { type: 'history_changed', ...changes[1] },
    { type: 'history_changed', ...changes[2] },
  ]);
  expect(transcriptLines({ messages })).toEqual(messages);
});
