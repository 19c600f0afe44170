// What a tool sees of the world is what R24 names, and nothing of it may be missing; compiled with the project.
import type { Tool, ToolContext } from '../../src/tools/tool.ts';

type Named =
  | 'workspace'
  | 'http'
  | 'state'
  | 'ask'
  | 'delegate'
  | 'call'
  | 'sample'
  | 'emit'
  | 'secrets'
  | 'clock'
  | 'signal';
/** Beside these: the id of its command (R19), the handoff of R9, and where its files go (R30). */
type Ours = 'command_id' | 'handoff' | 'saveBlob';

type Missing = Exclude<Named | Ours, keyof ToolContext>;
type Unnamed = Exclude<keyof ToolContext, Named | Ours>;
export const whole: [Missing, Unnamed] extends [never, never] ? true : false = true;

type Optional = {
  [Key in keyof ToolContext]-?: undefined extends ToolContext[Key] ? Key : never;
}[keyof ToolContext];
export const optional: [Optional] extends [never] ? true : false = true;

export function uses(context: ToolContext, tool: Tool): void {
  void context.call({ tool: 'shell', arguments: { cmd: 'ls' } });
  void context.secrets.resolve('env:TOKEN').then((value: string) => value);
  void context.sample({ messages: [{ role: 'user', content: 'hi' }], max_tokens: 10 });
  void context.clock.now().getTime();
  // @ts-expect-error the clock is the only one
  void context.now();
  // @ts-expect-error a tool acts only with a context
  void tool.execute({});
  // @ts-expect-error an answer has an end
  void context.sample({ messages: [] });
  // @ts-expect-error there is no way to another session
  void context.store;
}
