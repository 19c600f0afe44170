import type { Transport } from '../protocol/backend.ts';
import { YonderError } from '../protocol/errors.ts';

/** What stands beside the operations, each a GET. */
export interface PlainRoute {
  /** Without one: nobody has to say who they are. */
  token: boolean;
  answer(transport: Transport): Promise<Response>;
}

/** `/health` says that the process answers, `/ready` that its store does; both without a token and without detail. */
export const PLAIN_ROUTES: ReadonlyMap<string, PlainRoute> = new Map<string, PlainRoute>([
  ['/health', { token: false, answer: async () => Response.json({ status: 'ok' }) }],
  ['/ready', { token: false, answer: ready }],
  ['/openapi.json', { token: true, answer: description }],
]);

async function ready(transport: Transport): Promise<Response> {
  try {
    await transport.call('session/list', { principal: '', scopes: ['read'] }, { limit: 1 });
    return Response.json({ status: 'ready' });
  } catch (thrown) {
    throw new YonderError('unavailable', 'not ready', { cause: thrown });
  }
}

let text: Promise<string> | undefined;

/** Made when somebody asks for the first time: who only runs something never pays for it. */
async function description(): Promise<Response> {
  text ??= import('../protocol/openapi/document.ts').then(({ openApiDocument }) =>
    JSON.stringify(openApiDocument()),
  );
  return new Response(await text, { headers: { 'content-type': 'application/json' } });
}
