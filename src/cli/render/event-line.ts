import type { YonderEvent } from '../../protocol/events/events.ts';
import { dollars } from './closing.ts';
import { elapsed } from './tool-line.ts';
import { oneLine, printable, type Style } from '../terminal/style.ts';

/** The line that says an event of a run to a person; undefined for those that show by themselves, or not at all. */
export function eventLine(event: YonderEvent, style: Style): string | undefined {
  const dim = (text: string): string => style('dim', text);
  switch (event.type) {
    case 'user_message':
      return event.skill === undefined ? attached(event) : dim(`by the skill ${printable(event.skill.name)}`);
    case 'stream_started':
      return event.skill === undefined
        ? undefined
        : dim(`a sub-agent works by the skill ${printable(event.skill.name)}`);
    case 'warning':
      return style('yellow', `warning: ${printable(event.message)}`);
    case 'error':
      return style('red', `error: ${printable(event.error)}`);
    case 'run_recovered':
      return style('yellow', recovered(event));
    case 'model_fallback':
      return style(
        'yellow',
        `${event.failed_model} failed (${printable(event.reason)}); ${event.fallback_model} answers`,
      );
    case 'agent_switching':
      return event.switching
        ? dim(`${event.from_agent ?? ''} hands over to ${event.to_agent ?? ''}`)
        : undefined;
    case 'session_compaction':
      return event.status === 'failed'
        ? style('yellow', 'the conversation could not be summarised')
        : dim(`summary ${event.status}`);
    case 'runner_state':
      return event.detail === undefined ? undefined : dim(printable(event.detail));
    case 'team_changed':
      return dim('another version of the team counts from here on');
    case 'skills_changed': {
      // What a session begins with is listed by /skills.
      const news = event.changes.filter((change) => !change.startsWith('added '));
      return news.length === 0 ? undefined : dim(`skills: ${news.map(printable).join(', ')}`);
    }
    case 'tool_changed':
      return style('yellow', `the tool ${event.tool} is not what it was; rules for it count no longer`);
    case 'runtime_paused':
      return dim(event.paused ? 'paused: /pause goes on' : 'it goes on');
    case 'connection_lost':
      return style('yellow', `connection lost (${printable(event.reason)}), trying again`);
    case 'connection_restored':
      return dim('connection restored');
    case 'stream_closing':
      return style('yellow', `the stream ended: ${printable(event.message ?? event.reason)}`);
    case 'hook_blocked':
      return style('yellow', `a hook ${whatWasBlocked(event)}: ${oneLine(event.message, 200)}`);
    case 'hook_finished':
      return event.error === undefined
        ? undefined
        : style('yellow', `a hook failed after ${elapsed(event.duration_ms)}: ${oneLine(event.error, 200)}`);
    case 'shell':
      return shellText(event);
    case 'budget_usage':
      return style('yellow', `${budgetText(event)} (${percent(event)})`);
    case 'budget_exceeded':
      return style(
        'red',
        `${budgetText(event)}: the run ends; give ${flagOf(event)} a higher value to go on`,
      );
    default:
      return undefined;
  }
}

/** Which files went with a message; undefined where none did. */
function attached({ multi_content }: Extract<YonderEvent, { type: 'user_message' }>): string | undefined {
  const files = (multi_content ?? []).filter((part) => part.type === 'file');
  if (files.length === 0) return undefined;
  const names = files.map(({ name, media_type, size }) => {
    const length = size === undefined ? '' : `, ${Math.max(1, Math.round(size / 1024))} KiB`;
    return `${printable(name ?? 'a file')} (${media_type}${length})`;
  });
  return `attached: ${names.join(', ')}`;
}

function recovered(event: Extract<YonderEvent, { type: 'run_recovered' }>): string {
  const parts = [`attempt ${event.attempt}`];
  if (event.redone.length > 0) parts.push(`done again: ${event.redone.join(', ')}`);
  if (event.unknown_effects.length > 0) parts.push(`effect unknown: ${event.unknown_effects.join(', ')}`);
  return `the run was cut and goes on (${parts.join('; ')})`;
}

type BudgetEvent = Extract<YonderEvent, { type: 'budget_usage' | 'budget_exceeded' }>;

function budgetText(event: BudgetEvent): string {
  const { budget, used = 0, limit = 0 } = event;
  return budget === 'max_tokens'
    ? `${used} of ${limit} tokens are used`
    : `${dollars(used)} of ${dollars(limit)} are spent`;
}

function percent({ used = 0, limit = 0 }: BudgetEvent): string {
  return limit === 0 ? '' : `${Math.floor((used / limit) * 100)} %`;
}

function flagOf({ budget }: BudgetEvent): string {
  return budget === 'max_tokens' ? '--max-tokens' : '--max-cost';
}

/** What a person's own command wrote, or how it ended where that is not well. */
function shellText(event: Extract<YonderEvent, { type: 'shell' }>): string | undefined {
  if (event.output !== '') return printable(event.output).replace(/\n$/, '');
  if (event.status !== 'ended' || event.exit_code === 0) return undefined;
  return event.exit_code === undefined ? `(${event.outcome ?? 'ended'})` : `(exit code ${event.exit_code})`;
}

function whatWasBlocked({ tool_call, stops }: { tool_call?: unknown; stops?: boolean | undefined }): string {
  if (stops === true) return 'stops the run';
  return tool_call === undefined ? 'kept the conversation from being summarised' : 'blocked the call';
}
