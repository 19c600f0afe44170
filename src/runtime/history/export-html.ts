import { createHash } from 'node:crypto';
import type { Message } from '../../protocol/message.ts';
import { aboutTurn, bounded, COST_COLUMNS, costCells, type Turn, used } from './export-words.ts';
import type { ExportedConversation, ExportedSession } from './exported.ts';
import { markup, Markup } from './markup.ts';

/** Characters of a tool result that a reader gets; the JSON has all of it. */
const RESULT_LIMIT = 20_000;

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; font: inherit; margin: 0.25rem 0; unicode-bidi: isolate; }
details pre, .code { font: 0.85rem/1.4 ui-monospace, monospace; }
section { border-left: 3px solid #8886; padding: 0.1rem 0 0.1rem 1rem; margin: 1rem 0; }
section.user { border-color: #28f; }
section.failed { border-color: #d33; }
h2, h3, summary { font-size: 1rem; }
small { color: #888; font-weight: normal; }
table { border-collapse: collapse; }
th, td { padding: 0.2rem 0.7rem; text-align: left; border-bottom: 1px solid #8884; }
`;

/** Nothing is loaded and nothing runs, even if a text found a way to become markup. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;

/** A transcript as one page without scripts, which loads nothing. All that was said stands in it as text. */
export function exportHtml({ session, team, usage, conversations, exported_at }: ExportedSession): string {
  const [root, ...others] = conversations;
  const turns = new Map(usage.turns.map((turn) => [turn.message_id, turn]));
  const title = session.title === '' ? session.session_id : session.title;
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta http-equiv="Content-Security-Policy" content="${new Markup(POLICY)}" />
<meta name="viewport" content="width=device-width" />
<meta name="referrer" content="no-referrer" />
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<h1>${title}</h1>
<ul>
<li>session: ${session.session_id}</li>
<li>team: ${team.name}</li>
<li>folder: ${session.working_dir}</li>
<li>begun: ${session.created_at}</li>
<li>exported: ${exported_at}</li>
<li>used: ${used(usage)}</li>
</ul>
${root === undefined ? [] : conversation(root, turns)}
${others.map((child) => markup`<h2>Sub-agent ${child.agent_name}</h2>${conversation(child, turns)}`)}
${costTable(usage.turns)}
</body>
</html>
`;
  return page.text;
}

function conversation(held: ExportedConversation, turns: ReadonlyMap<string | undefined, Turn>): Markup[] {
  const parts = held.messages.flatMap((message) => [
    ...(message.message_id === held.summary_before ? [summary(held)] : []),
    section(message, turns.get(message.message_id)),
  ]);
  if (held.summary !== undefined && held.summary_before === undefined) parts.push(summary(held));
  return parts;
}

function summary(held: ExportedConversation): Markup {
  return markup`<section><h3>For the model, this stands for all above</h3>${text(held.summary ?? '')}</section>`;
}

function section(message: Message, turn: Turn | undefined): Markup {
  const files = (message.parts ?? []).flatMap((part) =>
    part.type === 'file' ? [markup`<p>file: ${part.name ?? part.blob_id} (${part.media_type})</p>`] : [],
  );
  if (message.role === 'tool') {
    const word = message.is_error === true ? 'Failed' : 'Result';
    const result = text(bounded(message.content, RESULT_LIMIT));
    return markup`<section class="${word.toLowerCase()}"><details><summary>${word}</summary>${result}</details>${files}</section>`;
  }
  const who = message.role === 'assistant' ? (message.agent_name ?? 'assistant') : 'You';
  const about = turn === undefined ? [] : [markup` <small>${aboutTurn(turn)}</small>`];
  const said = message.content === '' ? [] : [text(message.content)];
  const calls = (message.tool_calls ?? []).map(
    ({ function: { name, arguments: given } }) =>
      markup`<details><summary>Calls ${name}</summary>${text(given)}</details>`,
  );
  return markup`<section class="${message.role}"><h3>${who}${about}</h3>${said}${files}${calls}</section>`;
}

/** The line end after the tag is the page's, so that one at the beginning of the text stays. */
function text(content: string): Markup {
  return markup`<pre dir="auto">\n${content}</pre>`;
}

function costTable(turns: readonly Turn[]): Markup | readonly Markup[] {
  if (turns.length === 0) return [];
  const row = (turn: Turn): Markup =>
    markup`<tr>${costCells(turn).map((cell) => markup`<td>${cell}</td>`)}</tr>`;
  return markup`<h2>Cost and time</h2>
<table>
<tr>${COST_COLUMNS.map((name) => markup`<th>${name}</th>`)}</tr>
${turns.map(row)}
</table>`;
}
