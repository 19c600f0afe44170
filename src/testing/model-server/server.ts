import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { checkRequest } from './check.ts';
import type { Json } from './check-parts.ts';
import type { ScriptedTurn, Wire } from './script.ts';
import { ThinkingLedger } from './thinking-ledger.ts';
import { errorBody, errorEvent, eventsOf, modelOf, wireOf } from './wires.ts';

/** A request as it came, and what was wrong with it. */
export interface JournalEntry {
  wire: Wire;
  /** Path and query. */
  path: string;
  headers: Headers;
  body: Json;
  faults: string[];
  /** The caller ended the connection before the answer was over. */
  aborted: boolean;
}

export interface ModelServer {
  /** Base URL with version, e.g. `http://127.0.0.1:1234/v1`; give it as `base_url`. */
  readonly url: string;
  readonly journal: readonly JournalEntry[];
  /** Turns that no request has taken yet. */
  readonly turnsLeft: number;
  readonly add: (...turns: ScriptedTurn[]) => void;
  /** Throws when any request was one that the real provider refuses. */
  readonly assertValid: () => void;
  readonly close: () => Promise<void>;
}

const MODELS_PATH = '/v1/models';

async function bodyText(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

/** Sends the events with everything that the turn wants to go wrong. */
async function sendEvents(
  response: ServerResponse,
  events: string[],
  turn: ScriptedTurn,
  wire: Wire,
): Promise<void> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'x-request-id': 'req_1',
    ...turn.headers,
  });
  response.flushHeaders();
  for (const [index, event] of events.entries()) {
    if (turn.hang_after === index) return;
    if (turn.cut_after === index) {
      response.destroy();
      return;
    }
    if (turn.stop_after === index) break;
    if (turn.error_after === index) {
      response.write(errorEvent(wire, turn.error ?? { message: 'The server had an error' }));
      break;
    }
    if (turn.delay_ms !== undefined) await delay(turn.delay_ms);
    if (response.destroyed) return;
    if (!response.write(event)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  }
  response.end();
}

class ScriptedModels {
  readonly journal: JournalEntry[] = [];
  readonly turns: ScriptedTurn[];
  readonly #thinking = new ThinkingLedger();
  #answered = 0;

  constructor(turns: readonly ScriptedTurn[]) {
    this.turns = [...turns];
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://127.0.0.1').pathname;
    if (path === MODELS_PATH) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ object: 'list', data: [{ id: 'scripted', object: 'model' }] }));
      return;
    }
    const text = await bodyText(request);
    const body = text === '' ? {} : (JSON.parse(text) as Json);
    const model = modelOf(path, body);
    const wire = wireOf(path, model);
    if (wire === undefined) {
      response.writeHead(404).end('not found');
      return;
    }
    const headers = new Headers(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    );
    const faults = [
      ...checkRequest(wire, headers, body, { model, keyless: headers.has('x-yonder-forward') }),
      ...(wire === 'anthropic' ? this.#thinking.faults(body) : []),
    ];
    const entry: JournalEntry = { wire, path: request.url ?? '/', headers, body, faults, aborted: false };
    this.journal.push(entry);
    response.on('close', () => {
      entry.aborted = !response.writableFinished;
    });
    if (faults.length > 0) return refuse(response, wire, `invalid request: ${faults.join('; ')}`);
    const turn = this.#turnFor(wire, body);
    if (turn === undefined) return refuse(response, wire, 'the script has no turn for this request');
    await this.#answer(response, wire, turn, model);
  }

  #turnFor(wire: Wire, body: Json): ScriptedTurn | undefined {
    const index = this.turns.findIndex((turn) => turn.when === undefined || turn.when({ wire, body }));
    return index === -1 ? undefined : this.turns.splice(index, 1)[0];
  }

  async #answer(response: ServerResponse, wire: Wire, turn: ScriptedTurn, model: string): Promise<void> {
    if (turn.hang_after === 'before') return;
    if (turn.body !== undefined || turn.status !== undefined) {
      const body = turn.body ?? errorBody(wire, turn.error ?? { message: 'scripted error' });
      const type = turn.body === undefined ? 'application/json' : 'text/html';
      response.writeHead(turn.status ?? 200, { 'content-type': type, ...turn.headers }).end(body);
      return;
    }
    const number = ++this.#answered;
    if (wire === 'anthropic') this.#thinking.sent(turn, number);
    await sendEvents(response, eventsOf(wire, turn, model, number), turn, wire);
  }
}

function refuse(response: ServerResponse, wire: Wire, message: string): void {
  response.writeHead(400, { 'content-type': 'application/json' }).end(errorBody(wire, { message }));
}

/**
 * A model server on a free port of 127.0.0.1 that answers one turn of the script per request, on all wires. An invalid request
 * gets a 400 and is remembered: call `assertValid()` at the end of a test.
 */
export async function startModelServer(turns: readonly ScriptedTurn[]): Promise<ModelServer> {
  const script = new ScriptedModels(turns);
  const server: Server = createServer((request, response) => {
    script.handle(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    journal: script.journal,
    get turnsLeft() {
      return script.turns.length;
    },
    add: (...more) => {
      script.turns.push(...more);
    },
    assertValid: () => {
      const faults = script.journal.flatMap((entry, index) =>
        entry.faults.map((fault) => `request ${index + 1}: ${fault}`),
      );
      if (faults.length > 0) throw new Error(`the model server got invalid requests:\n${faults.join('\n')}`);
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
