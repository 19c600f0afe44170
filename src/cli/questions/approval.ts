import type { EventOf } from '../../protocol/events/events.ts';
import type { RuleOffer } from '../../protocol/permissions.ts';
import { callSummary } from '../render/tool-line.ts';
import { printable, type Style } from '../terminal/style.ts';
import type { Answer } from './question.ts';

type Confirmation = EventOf<'tool_call_confirmation'>;

/** The call, for edits its diff, for shell its commands, and the rule that each answer would make (R25). */
export function approvalText(event: Confirmation, style: Style): string {
  const { tool_call, commands = [], preview, reason, required } = event;
  const who = event.agent_name === undefined ? '' : `${event.agent_name} wants to run `;
  const lines = [
    `${who}${style('bold', tool_call.function.name)} ${callSummary(tool_call.function.arguments, 300)}`.trim(),
  ];
  if (preview !== undefined && preview !== '') lines.push(...diffLines(preview, style));
  if (commands.length > 0) lines.push(...commands.map((command) => `  $ ${printable(command)}`));
  if (reason !== undefined) lines.push(style('dim', `  asked because: ${printable(reason)}`));
  if (required === true) lines.push(style('dim', '  this is asked about every time'));
  lines.push(choices(event.rule_offers ?? [], style));
  return lines.join('\n');
}

function diffLines(preview: string, style: Style): string[] {
  return printable(preview)
    .trimEnd()
    .split('\n')
    .map((line) => {
      if (/^(?:\+\+\+|---|@@)/.test(line)) return style('dim', `  ${line}`);
      if (line.startsWith('+')) return style('green', `  ${line}`);
      return line.startsWith('-') ? style('red', `  ${line}`) : `  ${line}`;
    });
}

const CHOICES: Record<RuleOffer['kind'], { keys: readonly string[]; label: string }> = {
  approve_tool: { keys: ['a', 'always'], label: '[a]lways this here' },
  folder: { keys: ['f', 'folder'], label: 'edits in this [f]older' },
  session: { keys: ['s', 'session'], label: 'all for this [s]ession' },
};

function choices(offers: readonly RuleOffer[], style: Style): string {
  const made = offers.map(
    (offer) => `  ${CHOICES[offer.kind].label}: ${style('dim', printable(offer.text))}`,
  );
  const labels = offers.map((offer) => CHOICES[offer.kind].label);
  return [...made, `${['[y]es', ...labels, '[n]o with a reason'].join(', ')}`].join('\n');
}

/** Letters that are an answer by themselves; a reason may follow `n`, so that is none. */
export function approvalKeys(offers: readonly RuleOffer[]): string[] {
  return ['y', ...offers.flatMap(({ kind }) => CHOICES[kind].keys.slice(0, 1))];
}

/** Reads an answer; undefined for one that is none of the choices. What follows `n` is the reason. */
export function readApproval(line: string, offers: readonly RuleOffer[]): Answer | undefined {
  const [, word = '', rest = ''] = /^\s*(\S*)\s*(.*)$/.exec(line) ?? [];
  const key = word.toLowerCase();
  if (key === 'y' || key === 'yes') return { decision: 'approve' };
  if (key === 'n' || key === 'no')
    return { decision: 'reject', ...(rest.trim() === '' ? {} : { reason: rest.trim() }) };
  const offer = offers.find(({ kind }) => CHOICES[kind].keys.includes(key));
  if (offer === undefined) return undefined;
  // A folder's rule is one more rule; only "all" is an answer of its own.
  return offer.kind === 'session'
    ? { decision: 'approve_session' }
    : { decision: 'approve_tool', rule: offer.rule };
}
