import type { Message } from '../../protocol/message.ts';
import { aboutTurn, bounded, COST_COLUMNS, costCells, type Turn, used } from './export-words.ts';
import type { ExportedConversation, ExportedSession } from './exported.ts';

/** Characters of a tool result that a reader gets; the JSON has all of it. */
const RESULT_LIMIT = 4000;

/** A transcript that reads well, with cost and time of each turn. */
export function exportMarkdown({
  session,
  team,
  usage,
  conversations,
  exported_at,
}: ExportedSession): string {
  const [root, ...others] = conversations;
  const turns = new Map(usage.turns.map((turn) => [turn.message_id, turn]));
  const title = session.title === '' ? session.session_id : session.title;
  const parts = [
    `# ${oneLine(title)}`,
    [
      `- session: \`${session.session_id}\``,
      `- team: ${team.name}`,
      `- folder: \`${session.working_dir}\``,
      `- begun: ${session.created_at}`,
      `- exported: ${exported_at}`,
      `- used: ${used(usage)}`,
    ].join('\n'),
    ...(root === undefined ? [] : conversation(root, turns)),
    ...others.flatMap((child) => [`## Sub-agent ${child.agent_name}`, ...conversation(child, turns)]),
    ...costTable(usage.turns),
  ];
  return `${parts.join('\n\n')}\n`;
}

function conversation(held: ExportedConversation, turns: ReadonlyMap<string | undefined, Turn>): string[] {
  const parts = held.messages.flatMap((message) => [
    ...(message.message_id === held.summary_before ? [summary(held)] : []),
    ...messageParts(message, turns.get(message.message_id)),
  ]);
  if (held.summary !== undefined && held.summary_before === undefined) parts.push(summary(held));
  return parts;
}

function summary(held: ExportedConversation): string {
  return `> **For the model, this stands for all above:**\n${quoted(held.summary ?? '')}`;
}

function messageParts(message: Message, turn: Turn | undefined): string[] {
  const files = (message.parts ?? []).flatMap((part) =>
    part.type === 'file' ? [`*file: ${oneLine(part.name ?? part.blob_id)} (${part.media_type})*`] : [],
  );
  if (message.role === 'tool')
    return [
      `${message.is_error === true ? 'Failed:' : 'Result:'}\n\n${fenced(bounded(message.content, RESULT_LIMIT))}`,
      ...files,
    ];
  const head =
    message.role === 'assistant' ? `### ${message.agent_name ?? 'assistant'}${about(turn)}` : '### You';
  const calls = (message.tool_calls ?? []).map(
    ({ function: { name, arguments: given } }) => `Calls \`${name}\`:\n\n${fenced(given, 'json')}`,
  );
  return [head, ...(message.content === '' ? [] : [message.content]), ...files, ...calls];
}

function about(turn: Turn | undefined): string {
  return turn === undefined ? '' : ` · ${aboutTurn(turn)}`;
}

function costTable(turns: readonly Turn[]): string[] {
  if (turns.length === 0) return [];
  const rows = turns.map((turn) => costCells(turn).join(' | '));
  const head = `| ${COST_COLUMNS.join(' | ')} |\n|${'---|'.repeat(COST_COLUMNS.length)}`;
  return ['## Cost and time', `${head}\n${rows.map((row) => `| ${row} |`).join('\n')}`];
}

/** A fence that nothing in the text can close. */
function fenced(text: string, language = ''): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/gu), ([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.trimEnd()}\n${fence}`;
}

function quoted(text: string): string {
  return text
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').trim();
}
