import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exportHtml } from '../../../src/runtime/history/export-html.ts';
import type { ExportedSession } from '../../../src/runtime/history/exported.ts';
import { cases } from '../../long.ts';

const SPENT = { input_tokens: 1, output_tokens: 1, cached_tokens: 0, cost: 0.5, price_known: true };

/** A session in which every text that somebody else could have written is this one. */
function exported(text: string): ExportedSession {
  const at = '2026-01-02T03:04:05Z';
  const file = { type: 'file', blob_id: 'b', media_type: text, name: text, size: 1 };
  const messages = [
    { message_id: 'm1', role: 'user', content: text, parts: [file], created_at: at },
    {
      message_id: 'm2',
      role: 'assistant',
      content: text,
      agent_name: text,
      tool_calls: [{ id: 'c', type: 'function', function: { name: text, arguments: text } }],
      created_at: at,
    },
    { message_id: 'm3', role: 'tool', content: text, tool_call_id: 'c', is_error: true, created_at: at },
  ];
  const conversation = { session_id: 's', agent_name: text, summary: text, summary_before: 'm2', messages };
  const turn = {
    turn: 1,
    message_id: 'm2',
    agent_name: text,
    model: text,
    duration_ms: 1200,
    calls: 1,
    ...SPENT,
  };
  const usage = { ...SPENT, turns: [turn], models: [], agents: [] };
  const session = { session_id: 's', title: text, working_dir: text, created_at: at };
  // What is not read by an export is left out.
  return {
    exported_at: at,
    session,
    team: { name: text, digest: 'd' },
    usage,
    conversations: [conversation, { ...conversation, summary_before: undefined }],
  } as unknown as ExportedSession;
}

const tags = (page: string): string[] => page.match(/<[^>]*>/gu) ?? [];

const UNESCAPED: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  '#39': "'",
  '#96': '`',
};
const unescaped = (text: string): string =>
  text.replaceAll(/&([a-z0-9#]+);/gu, (whole, name: string) => UNESCAPED[name] ?? whole);

test('whatever a transcript holds, the page has the same tags, and the text is what was said', () => {
  const plain = tags(exportHtml(exported('x')));
  expect(plain.some((tag) => /^<(?:script|iframe|img|a|link|object|svg|base|form)\b/i.test(tag))).toBe(false);
  const piece = fc.oneof(
    fc.constantFrom(
      '<script>alert(1)</script>',
      '</pre>',
      '</title>',
      '</style>',
      '<!--',
      '-->',
      ']]>',
      '" onload="x',
      "' onload='x",
      '`',
      '&lt;',
      '&#60;',
      '\0',
      '\r',
      '\u2028',
      '\u202e',
      '\ud800',
      '\u00a0<',
      '<svg/onload=1>',
      '\n',
    ),
    fc.string(),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
      const text = pieces.join('');
      if (text === '') return;
      const page = exportHtml(exported(text));
      expect(tags(page)).toEqual(plain);
      const [, said] =
        /<section class="user"><h3>You<\/h3><pre dir="auto">\n([^<]*)<\/pre>/u.exec(page) ?? [];
      const kept = text
        .toWellFormed()
        .replaceAll(/\r\n?/gu, '\n')
        // eslint-disable-next-line no-control-regex -- what a page cannot hold
        .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu, '\uFFFD');
      expect(unescaped(said ?? '')).toBe(kept);
    }),
    { numRuns: cases(50, 2000) },
  );
});

test('the page forbids whatever would load or run, and lets its own style through', async () => {
  const page = exportHtml(exported('x'));
  const [, policy, hash] =
    /content="(default-src 'none'; style-src 'sha256-([^']+)'; base-uri 'none'; form-action 'none')"/u.exec(
      page,
    ) ?? [];
  expect(policy).toBeDefined();
  const [, style = ''] = /<style>([^<]*)<\/style>/u.exec(page) ?? [];
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style));
  expect(Buffer.from(digest).toString('base64')).toBe(hash);
});
