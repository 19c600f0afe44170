import { YonderError } from '../../protocol/errors.ts';
import type { RunFlags } from './run-flags.ts';

type Test = (flags: RunFlags) => boolean;

/** Pairs of flags that cannot both be meant; each is named in the message. */
const PAIRS: readonly { left: string; right: string; both: Test }[] = [
  pair(
    '--yolo',
    '--safety',
    (flags) => flags.yolo === true && flags.safety !== undefined && flags.safety !== 'autonomous',
  ),
  pair('--fake', '--record', (flags) => flags.fake !== undefined && flags.record !== undefined),
  pair('--fake-match', 'no --fake', (flags) => flags.fakeMatch !== undefined && flags.fake === undefined),
  pair('--fake-stream', 'no --fake', (flags) => flags.fakeStream !== undefined && flags.fake === undefined),
  pair('--session', '--continue', (flags) => flags.session !== undefined && flags.continue === true),
  pair('--dry-run', '--session', (flags) => flags.dryRun === true && flags.session !== undefined),
  pair('--dry-run', '--continue', (flags) => flags.dryRun === true && flags.continue === true),
  pair('--dry-run', '--record', (flags) => flags.dryRun === true && flags.record !== undefined),
  pair('--dry-run', '--output', (flags) => flags.dryRun === true && flags.output !== undefined),
  pair('--dry-run', '--attach', (flags) => flags.dryRun === true && flags.attach !== undefined),
  pair(
    '--accept-edits',
    '--safety strict',
    (flags) => flags.acceptEdits === true && flags.safety === 'strict',
  ),
  pair('--safety restricted', '--ask wait', (flags) => flags.safety === 'restricted' && flags.ask === 'wait'),
];

function pair(left: string, right: string, both: Test): { left: string; right: string; both: Test } {
  return { left, right, both };
}

/** Throws `invalid_request` (exit 2) that names both flags. */
export function refuseContradictions(flags: RunFlags): void {
  const found = PAIRS.find(({ both }) => both(flags));
  if (found !== undefined) throw new YonderError('invalid_request', textOf(found.left, found.right));
  for (const [left, right] of [
    ['allow', 'deny'],
    ['allow', 'askFor'],
  ] as const) {
    const same = flags[left]?.find((pattern) => flags[right]?.includes(pattern));
    if (same === undefined) continue;
    const other = right === 'deny' ? '--deny' : '--ask-for';
    throw new YonderError('invalid_request', `--allow and ${other} both name "${same}"; keep one of them`);
  }
}

function textOf(left: string, right: string): string {
  if (right.startsWith('no ')) return `${left} needs ${right.slice(3)}: it says how a cassette is played`;
  return `${left} and ${right} cannot stand together; keep one of them`;
}
