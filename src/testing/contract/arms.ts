/**
 * The arms of the contract suite, which are the ways in to a Host: in this process; client over handler without a socket; the same over a TCP socket,
 * over a unix socket, and over a TCP socket whose connections are cut again and again.
 */
export const ARMS = ['local', 'handler', 'tcp', 'unix', 'cut'] as const;
export type ArmName = (typeof ARMS)[number];

/** The arms without a socket. */
export const NEAR_ARMS = ['local', 'handler'] as const satisfies readonly ArmName[];

/** `npm run test:long` sets it: every behaviour runs in every arm. */
const isLong = process.env['YONDER_LONG'] === '1';
/** `.ci/run` sets it, which runs both forms one after the other: what the short one has run is left out of the long one. */
const isRest = isLong && process.env['YONDER_BOTH_FORMS'] === '1';

/** Every arm, those of the short form, or those that the short form leaves. */
export type Extent = 'all' | 'short' | 'rest';

/**
 * The arms that a behaviour of this name runs in; the same ones in every run of the same form. The short form takes this process, and one of the
 * ways over the wire by the name. A behaviour that has no other arms runs in those again.
 */
export function armsOf(
  title: string,
  arms: readonly ArmName[] = ARMS,
  extent: Extent = isRest ? 'rest' : isLong ? 'all' : 'short',
): readonly ArmName[] {
  if (extent === 'all') return arms;
  const wires = arms.filter((arm) => arm !== 'local');
  const chosen = wires[seedOf(title) % wires.length];
  const short = arms.filter((arm) => arm === 'local' || arm === chosen);
  if (extent === 'short') return short;
  const rest = arms.filter((arm) => !short.includes(arm));
  return rest.length === 0 ? short : rest;
}

/** A number that belongs to a text: FNV-1a, 32 bits. */
export function seedOf(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01_00_01_93);
  return hash >>> 0;
}

/** Numbers from 0 to below 1, the same ones for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
