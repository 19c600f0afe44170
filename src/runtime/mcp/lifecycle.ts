import type { ResolvedToolset } from '../../protocol/team.ts';
import { milliseconds } from '../../team/duration.ts';

/** When a server is started, how long that may take, and when it is started again. Times in milliseconds. */
export interface Lifecycle {
  /** A run that cannot have it fails at its start. */
  required: boolean;
  startup_timeout: number;
  /** Of one call; the time that a person takes for the server's questions does not count. */
  call_timeout: number;
  restart: 'never' | 'on_failure' | 'always';
  max_restarts: number;
  backoff: { initial: number; max: number; multiplier: number; jitter: number };
}

type Profile = Pick<Lifecycle, 'required' | 'restart'>;

const PROFILES: Readonly<Record<string, Profile>> = {
  resilient: { required: false, restart: 'on_failure' },
  strict: { required: true, restart: 'never' },
  'best-effort': { required: false, restart: 'never' },
};

const DEFAULTS = {
  startup_timeout: 30_000,
  call_timeout: 600_000,
  /** The peer's (reference/docker-agent.md, Appendix C). */
  max_restarts: 5,
  backoff: { initial: 250, max: 30_000, multiplier: 2, jitter: 0.1 },
};

/** A toolset's `lifecycle` with its profile's values and the defaults filled in; `resilient` is the profile where none is named. */
export function lifecycleOf({ options }: Pick<ResolvedToolset, 'options'>): Lifecycle {
  const given = recordOf(options['lifecycle']);
  const backoff = recordOf(given['backoff']);
  const profile = typeof given['profile'] === 'string' ? PROFILES[given['profile']] : undefined;
  return {
    required: booleanOf(given['required'], profile?.required ?? false),
    startup_timeout: timeOf(given['startup_timeout'], DEFAULTS.startup_timeout),
    call_timeout: timeOf(given['call_timeout'], DEFAULTS.call_timeout),
    restart: restartOf(given['restart']) ?? profile?.restart ?? 'on_failure',
    max_restarts: numberOf(given['max_restarts'], DEFAULTS.max_restarts),
    backoff: {
      initial: timeOf(backoff['initial'], DEFAULTS.backoff.initial),
      max: timeOf(backoff['max'], DEFAULTS.backoff.max),
      multiplier: numberOf(backoff['multiplier'], DEFAULTS.backoff.multiplier),
      jitter: numberOf(backoff['jitter'], DEFAULTS.backoff.jitter),
    },
  };
}

/** How long to wait before the restart of that number, from 1. */
export function backoffOf({ backoff }: Lifecycle, restart: number, random: () => number): number {
  const { initial, max, multiplier, jitter } = backoff;
  const wait = Math.min(max, initial * multiplier ** Math.max(0, restart - 1));
  return Math.max(0, Math.round(wait * (1 + jitter * (2 * random() - 1))));
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function booleanOf(value: unknown, fallback: boolean): boolean {
  return typeof value === 'boolean' ? value : fallback;
}

function numberOf(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}

function timeOf(value: unknown, fallback: number): number {
  return typeof value === 'number' || typeof value === 'string' ? milliseconds(value) : fallback;
}

function restartOf(value: unknown): Lifecycle['restart'] | undefined {
  return value === 'never' || value === 'on_failure' || value === 'always' ? value : undefined;
}
