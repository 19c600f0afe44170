import type { SecretKeeper } from '../protocol/secrets.ts';
import type { ResolvedModel } from '../protocol/team.ts';
import { AUTO_KEYS, autoOfRecording, resolveAuto } from './auto.ts';
import type { ListedModel, ModelCall, ModelFacts, ModelPart, ModelTimes } from './call.ts';
import type { CassettePort } from './cassette/interaction.ts';
import { textOf } from './cassette/interaction.ts';
import { recordingFetch } from './cassette/record.ts';
import { replayingFetch } from './cassette/replay.ts';
import { factsOf, listModels } from './catalogue.ts';
import { gatewayFetch, goesThroughGateway, parseGateway } from './http/gateway.ts';
import { createHttp, type Http } from './http/http.ts';
import {
  keyName,
  keyOf,
  missingKeyError,
  missingKeyName,
  requireBuilt,
  type Env,
  PROVIDER_KEYS,
} from './keys.ts';
import { Histories } from './prompt/history.ts';
import { realSleep, streamCall } from './stream.ts';

export interface ModelsOptions {
  /** Reads the environment; the only source of keys. */
  env: Env;
  /** Looks for keys that `env` has not yet, where that takes time; after it `env` has them, or nobody has. */
  findKeys?: ((names: readonly string[]) => Promise<void>) | undefined;
  /** Sends requests. Absent: an own dispatcher, closed by `close()`; a Host gives the one of its `createHttp`. */
  fetch?: typeof fetch;
  /** Recorded traffic to play, or a sink for it; its state lasts as long as these Models. */
  cassette?: CassettePort;
  /** Told every key before it is used; nothing that it knows is recorded (R30). */
  secrets?: SecretKeeper;
  /** Where requests to models go in place of their providers; then no key is needed, and none is sent. Throws `invalid_request`. */
  gateway?: string;
  /** Milliseconds; for the durations in a recording. */
  clock?: () => number;
  /** Waits between attempts. */
  sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** From 0 to 1; spreads retries. */
  random?: () => number;
  times?: Partial<ModelTimes>;
}

/** All models of one session. */
export interface Models {
  /**
   * Makes one call with its retries. Errors are `model_unavailable`, `unsupported`, `model_error`, `rate_limited`, `context_exceeded` and
   * `timeout`; an aborted signal throws its own reason. Ends its connection when the reader leaves.
   */
  stream(call: ModelCall, signal: AbortSignal): AsyncIterable<ModelPart>;
  /** What `model: auto` stands for now. Throws `model_unavailable` with what to do. */
  resolveAuto(): Promise<ResolvedModel>;
  /** The environment variable that is missing, or undefined when this model can be called. */
  missingKey(model: ResolvedModel): string | undefined;
  /** Looks for the keys of these models, so that `missingKey` knows. */
  findKeys(models: readonly ResolvedModel[]): Promise<void>;
  /** False while a cassette plays: then no key is asked for. */
  readonly needsKey: boolean;
  /** Price and context window as far as the catalogue knows them. */
  describe(model: ResolvedModel): Promise<ModelFacts>;
  /** The known models of every provider that needs a key, present or not. */
  list(): Promise<ListedModel[]>;
  close(): Promise<void>;
}

const TIMES: ModelTimes = {
  silentAfter: 60_000,
  giveUpAfter: 300_000,
  retries: 2,
  firstDelay: 200,
  longestDelay: 2_000,
  localAnswer: 300,
};

function firstRecorded(cassette: CassettePort): { host: string; body: string; path: string } | undefined {
  const first = cassette.mode === 'replay' ? cassette.interactions[0] : undefined;
  if (first === undefined) return undefined;
  const url = new URL(first.request.url);
  return { host: url.host, path: url.pathname, body: textOf(first.request.body) };
}

/** Opens the models; nothing is loaded and no request is made before the first call. */
export function createModels(options: ModelsOptions): Models {
  const { env, cassette } = options;
  const own: Http | undefined = options.fetch === undefined ? createHttp(env) : undefined;
  const plainFetch = options.fetch ?? own?.fetch ?? fetch;
  const gateway = options.gateway === undefined ? undefined : parseGateway(options.gateway);
  const outward = gateway === undefined ? plainFetch : gatewayFetch(plainFetch, gateway);
  const keysInUse = new Set<string>();
  const clock = options.clock ?? Date.now;
  const times = { ...TIMES, ...options.times };
  const histories = new Histories();
  const needsKey = cassette?.mode !== 'replay';

  function throughCassette(): typeof fetch {
    if (cassette === undefined) return outward;
    if (cassette.mode === 'replay') return replayingFetch(cassette);
    return recordingFetch(outward, {
      port: cassette,
      secrets: () => [...keysInUse],
      redaction: options.secrets,
      clock,
    });
  }
  const callFetch = throughCassette();

  function isForwarded(model: ResolvedModel): boolean {
    return gateway !== undefined && goesThroughGateway(model);
  }

  async function findNames(names: readonly string[]): Promise<void> {
    const missing = needsKey ? names.filter((name) => (env(name) ?? '').trim() === '') : [];
    if (missing.length > 0) await options.findKeys?.(missing);
  }

  /** Looks no further than the first key that is there: what comes behind it is not needed. */
  async function findFirst(names: readonly string[]): Promise<void> {
    for (const name of names) {
      await findNames([name]);
      if ((env(name) ?? '').trim() !== '') return;
    }
  }

  function findKeys(models: readonly ResolvedModel[]): Promise<void> {
    return findNames(models.flatMap((model) => missingKey(model) ?? []));
  }

  function missingKey(model: ResolvedModel): string | undefined {
    return needsKey && !isForwarded(model) ? missingKeyName(model, env) : undefined;
  }

  function keyFor(model: ResolvedModel): string | undefined {
    if (!needsKey || isForwarded(model)) return undefined;
    const missing = missingKey(model);
    if (missing !== undefined) throw missingKeyError(model, missing);
    const key = keyOf(model, env);
    if (key === undefined) return undefined;
    keysInUse.add(key);
    options.secrets?.add(keyName(model) ?? 'KEY', key);
    return key;
  }

  async function autoModel(): Promise<ResolvedModel> {
    if (cassette?.mode === 'replay') return autoOfRecording(firstRecorded(cassette));
    if (gateway === undefined) await findFirst(AUTO_KEYS);
    return resolveAuto(env, plainFetch, times.localAnswer, gateway !== undefined);
  }

  async function* stream(call: ModelCall, signal: AbortSignal): AsyncGenerator<ModelPart> {
    const automatic = call.model.api === 'auto' || call.model.provider === 'auto';
    const model = automatic ? { ...call.model, ...(await autoModel()) } : call.model;
    requireBuilt(model);
    await findKeys([model]);
    yield* streamCall({ ...call, model }, signal, {
      fetch: callFetch,
      key: keyFor(model),
      gateway: isForwarded(model) ? gateway?.url : undefined,
      histories,
      times,
      sleep: options.sleep ?? realSleep,
      random: options.random ?? Math.random,
    });
  }

  return {
    stream,
    resolveAuto: autoModel,
    missingKey,
    findKeys,
    needsKey,
    describe: async (model) => {
      const { price, context_limit } = await factsOf(model.provider, model.model);
      return {
        ...(price === undefined ? {} : { price }),
        ...(context_limit === undefined ? {} : { context_limit }),
      };
    },
    list: async () => {
      await findNames(PROVIDER_KEYS);
      return listModels(env);
    },
    close: async () => {
      await own?.close();
    },
  };
}
