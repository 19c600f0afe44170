import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { signalProcess } from '../../process/process-tree.ts';
import { KEEP_MS } from './references.ts';
import type { Shadow } from './shadow.ts';

const ledgerSchema = z.object({
  pid: z.number(),
  /** Since when a turn of the session is at work in the folder, in milliseconds since the epoch. */
  open_since: z.number().optional(),
  turns: z.array(z.object({ opened: z.number(), closed: z.number(), paths: z.array(z.string()) })),
});
type Ledger = z.infer<typeof ledgerSchema>;

/** When a turn was at work, in milliseconds since the epoch. */
export interface Span {
  readonly opened: number;
  readonly closed: number;
}

/** A turn of the session begins to work in the folder. The caller holds the lock, here and below. */
export function openTurn(shadow: Shadow, session_id: string, now: number): void {
  const ledger = read(shadow, session_id);
  write(shadow, session_id, { ...ledger, pid: process.pid, open_since: ledger.open_since ?? now });
}

/** It is over; `stays` where a sub-agent's turn beside it is not. */
export function closeTurn(
  shadow: Shadow,
  session_id: string,
  turn: Ledger['turns'][number],
  stays: boolean,
): void {
  const { turns } = read(shadow, session_id);
  const kept = turns.filter(({ closed }) => turn.closed - closed < KEEP_MS);
  if (turn.paths.length > 0) kept.push(turn);
  write(shadow, session_id, { pid: process.pid, ...(stays ? { open_since: turn.closed } : {}), turns: kept });
}

/** Paths that another session changed while one of these turns was at work: nobody can say whose they are. */
export function sharedPaths(shadow: Shadow, session_id: string, spans: readonly Span[]): Set<string> {
  const shared = new Set<string>();
  for (const other of others(shadow, session_id)) {
    for (const turn of read(shadow, other).turns) {
      if (!spans.some((span) => turn.opened < span.closed && turn.closed > span.opened)) continue;
      for (const path of turn.paths) shared.add(path);
    }
  }
  return shared;
}

/** The sessions that are at work in the folder now; one whose process is gone is not. */
export function atWork(shadow: Shadow, session_id: string): string[] {
  return others(shadow, session_id).filter((other) => {
    const { open_since, pid } = read(shadow, other);
    return open_since !== undefined && (pid === process.pid || signalProcess(pid, 0));
  });
}

function others(shadow: Shadow, session_id: string): string[] {
  const folder = join(shadow.home, 'turns');
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.map((name) => name.slice(0, -5)).filter((name) => name !== session_id);
}

function read(shadow: Shadow, session_id: string): Ledger {
  const path = join(shadow.home, 'turns', `${session_id}.json`);
  if (!existsSync(path)) return { pid: process.pid, turns: [] };
  return ledgerSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
}

function write(shadow: Shadow, session_id: string, ledger: Ledger): void {
  mkdirSync(join(shadow.home, 'turns'), { recursive: true, mode: 0o700 });
  const path = join(shadow.home, 'turns', `${session_id}.json`);
  writeFileSync(`${path}.new`, JSON.stringify(ledger), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
