import { scrub, scrubJson } from '../../redact/key-shapes.ts';
import type { BuiltinHook } from './types.ts';

/** Takes known values and what looks like a key out of messages, tool arguments and results; says nothing where there is none. */
export const redactSecrets: BuiltinHook = ({ input, clean }) => {
  const { tool_input, tool_response, messages } = input;
  if (isMessages(messages)) {
    const updated_messages = scrubJson(messages, clean);
    return Promise.resolve(
      updated_messages === messages ? {} : { hook_specific_output: { updated_messages } },
    );
  }
  if (typeof tool_response === 'string') {
    const updated_tool_response = scrub(tool_response, clean);
    return Promise.resolve(
      updated_tool_response === tool_response ? {} : { hook_specific_output: { updated_tool_response } },
    );
  }
  if (typeof tool_input === 'object' && tool_input !== null) {
    const before = { ...tool_input };
    const updated_input = scrubJson(before, clean);
    return Promise.resolve(updated_input === before ? {} : { hook_specific_output: { updated_input } });
  }
  return Promise.resolve({});
};

function isMessages(value: unknown): value is { role: string }[] {
  return Array.isArray(value);
}
