import type { CreateSessionAnswer } from '../../protocol/contract/answers.ts';
import type { RunFlags } from '../flags/run-flags.ts';

/** Flags that say how a session goes on; whoever drives it has its own. */
const OF_THE_DRIVER = [
  'agent',
  'model',
  'modelsGateway',
  'promptFile',
  'envFromFile',
  'workingDir',
  'safety',
  'yolo',
  'acceptEdits',
  'allow',
  'askFor',
  'deny',
  'addDir',
  'readDir',
  'passEnv',
  'snapshots',
  'maxIterations',
  'maxCost',
  'maxTokens',
  'timeout',
  'hookPreToolUse',
  'hookPostToolUse',
  'hookSessionStart',
  'hookSessionEnd',
  'hookOnUserInput',
  'hookStop',
] as const satisfies readonly (keyof RunFlags)[];

/** What a person typed and does not get, in words; nothing is left out silently. `flags`: with what configuration adds. */
export function withoutEffect(
  typed: RunFlags,
  flags: RunFlags,
  { active_run }: Pick<CreateSessionAnswer, 'active_run'>,
): string[] {
  const lines: string[] = [];
  const lost = OF_THE_DRIVER.filter((name) => typed[name] !== undefined && typed[name] !== false).map(
    (name) => `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  );
  if (active_run?.here === false && lost.length > 0) {
    lines.push(
      `warning: process ${active_run.pid ?? '?'} drives this session with what it was given: ${lost.join(', ')} of this command ${lost.length === 1 ? 'does' : 'do'} not count`,
    );
  }
  const further = flags.addDir ?? [];
  if (flags.snapshots === true && further.length > 0) {
    lines.push(
      `warning: snapshots are of the working folder alone: an undo does not take back what changes in ${further.join(', ')}`,
    );
  }
  return lines;
}
