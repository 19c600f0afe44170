import type { HooksConfig } from '../../../protocol/contract/hooks.ts';
import type { Message } from '../../../protocol/message.ts';
import type { ResolvedAgent } from '../../../protocol/team.ts';
import type { RunState } from '../../fold/run-state.ts';
import type { LoopContext } from '../../loop/context.ts';
import { scrub, scrubJson } from '../../redact/key-shapes.ts';
import { chainOfRun } from '../chain.ts';

/** Where it cannot look, nothing passes. */
const REDACTING = {
  hooks: [{ name: 'redact_secrets', type: 'builtin', command: 'redact_secrets', on_error: 'block' }],
} as const;

/** The hooks of an agent, with those that `redact_secrets: true` stands for: arguments before every other guard sees them, results after. */
export function hooksOfAgent(
  agent: Pick<ResolvedAgent, 'hooks' | 'redact_secrets'>,
): HooksConfig | undefined {
  if (agent.redact_secrets !== true) return agent.hooks;
  const group = { hooks: REDACTING.hooks.map((hook) => ({ ...hook })) };
  return {
    ...agent.hooks,
    pre_tool_use: [group, ...(agent.hooks?.pre_tool_use ?? [])],
    tool_response_transform: [...(agent.hooks?.tool_response_transform ?? []), group],
  };
}

/** Messages as they were made clean once: they are the same objects at every call. */
const CLEAN = new WeakMap<Message, Message>();

/** What a model call of an agent with `redact_secrets` gets, and of every agent below it (R5); the same objects where there is nothing to take out. */
export function redactedCall<
  Call extends { system: string[]; messages: readonly Message[]; exchanges: unknown },
>(context: LoopContext, run: RunState, call: Call): Call {
  if (!chainOfRun(context, run).some((agent) => agent.redact_secrets === true)) return call;
  const messages = call.messages.map(cleanMessage);
  const isSame = messages.every((message, index) => message === call.messages[index]);
  return {
    ...call,
    system: call.system.map((text) => scrub(text)),
    ...(isSame ? {} : { messages, exchanges: undefined }),
  };
}

function cleanMessage(message: Message): Message {
  const known = CLEAN.get(message);
  if (known !== undefined) return known;
  // Signatures of a provider are long texts that only it can read: changed, it would refuse them.
  const { content, parts, tool_calls } = message;
  const texts = { content, parts, tool_calls };
  const clean = scrubJson(texts);
  const made = clean === texts ? message : { ...message, ...defined(clean) };
  CLEAN.set(message, made);
  return made;
}

function defined(texts: Pick<Message, 'content' | 'parts' | 'tool_calls'>): Partial<Message> {
  return {
    content: texts.content,
    ...(texts.parts === undefined ? {} : { parts: texts.parts }),
    ...(texts.tool_calls === undefined ? {} : { tool_calls: texts.tool_calls }),
  };
}
