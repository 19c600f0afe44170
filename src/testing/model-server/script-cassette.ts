import { serializeCassette } from '../../model/cassette/yaml.ts';
import type { Interaction } from '../../model/cassette/interaction.ts';
import type { ScriptedTurn, Wire } from './script.ts';
import { errorBody, eventsOf, PATHS } from './wires.ts';

export interface ScriptCassetteOptions {
  api: Wire;
  /** Base URL of the requests; absent: the provider's own. */
  base_url?: string;
  /** `scripted` */
  model?: string;
}

const BASES: Record<Wire, string> = {
  openai_chatcompletions: 'https://api.openai.com/v1',
  openai_responses: 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com/v1',
  google: 'https://generativelanguage.googleapis.com/v1beta',
  mistral: 'https://api.mistral.ai/v1',
};

/** What is asked, below the base URL. */
function pathOf(api: Wire, model: string): string {
  return api === 'google' ? `/models/${model}${PATHS.google}?alt=sse` : PATHS[api];
}

function cutBody(events: string[], turn: ScriptedTurn): string {
  const until = turn.cut_after ?? turn.stop_after;
  return events.slice(0, until).join('');
}

/** The interactions that these turns make, each with a request that only names the model: made to be played in order. */
export function scriptInteractions(
  turns: readonly ScriptedTurn[],
  options: ScriptCassetteOptions,
): Interaction[] {
  const { api } = options;
  const model = options.model ?? 'scripted';
  const url = new URL(`${options.base_url ?? BASES[api]}${pathOf(api, model)}`);
  let answered = 0;
  return turns.map((turn, id) => {
    const plain = turn.status !== undefined || turn.body !== undefined;
    const error = turn.error ?? { message: 'scripted error' };
    const body = plain
      ? (turn.body ?? errorBody(api, error))
      : cutBody(eventsOf(api, turn, model, ++answered), turn);
    const request = JSON.stringify({ model, stream: true });
    const type = plain ? 'application/json' : 'text/event-stream; charset=utf-8';
    const common = { proto: 'HTTP/1.1', proto_major: 1, proto_minor: 1, transfer_encoding: [], trailer: {} };
    return {
      id,
      request: {
        ...common,
        content_length: request.length,
        host: url.host,
        remote_addr: '',
        request_uri: '',
        body: request,
        form: {},
        headers: { 'Content-Type': ['application/json'] },
        url: url.href,
        method: 'POST',
      },
      response: {
        ...common,
        content_length: -1,
        uncompressed: false,
        body,
        headers: {
          'Content-Type': [type],
          ...Object.fromEntries(Object.entries(turn.headers ?? {}).map(([name, value]) => [name, [value]])),
        },
        status: `${turn.status ?? 200}`,
        code: turn.status ?? 200,
        duration: '1ms',
      },
    };
  });
}

/**
 * A cassette made from a script, without a server. It lacks our first line, so that it is matched by order: a test or an example
 * needs no exact requests.
 */
export function scriptCassette(turns: readonly ScriptedTurn[], options: ScriptCassetteOptions): string {
  return serializeCassette(scriptInteractions(turns, options)).replace(/^#.*\n/, '');
}
