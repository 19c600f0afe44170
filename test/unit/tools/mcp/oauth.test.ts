import { expect, onTestFinished, test } from 'vitest';
import { createStreamingEgress } from '../../../../src/process/egress/streaming.ts';
import { startProtectedServer, type ProtectedOptions } from '../../../../src/testing/mcp/protected-server.ts';
import { ServerAccess, type AccessParts } from '../../../../src/tools/mcp/oauth/access.ts';
import { authorizedFetch } from '../../../../src/tools/mcp/oauth/authorized-fetch.ts';
import { memorySignIns, serverKey } from '../../../../src/tools/mcp/oauth/kept.ts';
import { SignInNeeded } from '../../../../src/tools/mcp/oauth/sign-in-needed.ts';
import type { SignIn } from '../../../../src/tools/mcp/oauth/sign-in.ts';

const REDIRECT = 'http://127.0.0.1:4567/callback';
const CALL = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
const POST = {
  method: 'POST',
  body: CALL,
  headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
};

async function place(options: ProtectedOptions = {}, parts: Partial<AccessParts> = {}) {
  const server = await startProtectedServer(options);
  const egress = createStreamingEgress({}, { named: new URL(server.url), allowPrivate: true });
  onTestFinished(async () => {
    await egress.close();
    await server.close();
  });
  const store = memorySignIns();
  const secrets = new Set<string>();
  const access = new ServerAccess({
    url: server.url,
    principal: 'ada',
    store,
    fetch: egress.fetch,
    secrets: { add: (_name, value) => void secrets.add(value) },
    now: () => 1000,
    ...parts,
  });
  const fetch = authorizedFetch(egress.fetch, access);
  const signIn = async (challenge?: SignInNeeded['challenge']): Promise<SignIn> => {
    const begun = await access.begin({ redirect_url: REDIRECT, challenge });
    const returned = await back(begun);
    begun.take(returned);
    await begun.finish(returned);
    return begun;
  };
  const back = async (begun: SignIn) => {
    const { searchParams } = await server.browse(begun.authorization_url);
    return {
      code: searchParams.get('code') ?? '',
      state: searchParams.get('state') ?? '',
      iss: searchParams.get('iss') ?? undefined,
    };
  };
  return { server, access, store, secrets, fetch, signIn, back };
}

async function needed(call: Promise<unknown>): Promise<SignInNeeded> {
  const thrown: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(thrown instanceof SignInNeeded)) throw thrown;
  return thrown;
}

test('a first request wants a sign-in; with it the server answers, and what it gave is kept by principal and server', async () => {
  const { server, fetch, signIn, store, secrets } = await place();
  const { challenge } = await needed(fetch(server.url, POST));
  expect(challenge).toEqual({
    kind: 'sign_in',
    scope: 'read',
    resource_metadata: new URL(`${server.origin}/.well-known/oauth-protected-resource/mcp`),
  });
  const begun = await signIn(challenge);
  expect(new URL(begun.authorization_url).searchParams.get('resource')).toBe(server.url);
  expect((await fetch(server.url, POST)).status).toBe(200);
  expect(await store.read('ada', serverKey(server.url))).toMatchObject({
    issuer: server.origin,
    client: { client_id: 'client-1', redirect_uris: [REDIRECT] },
    tokens: { scope: 'read', expires_at: 3_601_000 },
  });
  expect(await store.read('bob', serverKey(server.url))).toBeUndefined();
  // Code, verifier and both tokens were told to those who write things down.
  expect([...server.authority.secrets].filter((value) => !secrets.has(value))).toEqual([]);
});

test('an expired token is renewed once, by whoever is first, and nobody is asked', async () => {
  const { server, fetch, signIn } = await place();
  await signIn();
  server.authority.expire();
  const both = await Promise.all([fetch(server.url, POST), fetch(server.url, POST)]);
  expect(both.map(({ status }) => status)).toEqual([200, 200]);
  expect(server.authority.counts).toMatchObject({ refresh: 1, authorize: 1 });
});

test('a renewal that the server refuses ends in a sign-in, and so does a renewed token that it refuses', async () => {
  const { server, fetch, signIn, access } = await place();
  await signIn();
  server.authority.revoke();
  expect((await needed(fetch(server.url, POST))).challenge.kind).toBe('sign_in');
  expect(await access.token()).toBeUndefined();
  const loop = await place({ refuses: 'unauthorized' });
  await loop.signIn();
  const refused = await needed(loop.fetch(loop.server.url, POST));
  expect(refused.message).toBe(`${loop.access.url.host} refuses the renewed token too`);
  expect(loop.server.authority.counts.refresh).toBe(1);
});

test('more scope is asked for together with what was granted, never by a renewal', async () => {
  const { server, fetch, signIn, access } = await place();
  await signIn();
  const call = {
    ...POST,
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'write_note', arguments: { text: 'a' } },
    }),
  };
  const { challenge } = await needed(fetch(server.url, call));
  expect(challenge).toMatchObject({ kind: 'step_up', scope: 'write' });
  expect((await signIn(challenge)).scope).toBe('read write');
  expect(await access.granted()).toBe('read write');
  expect((await fetch(server.url, call)).status).toBe(200);
  expect(server.notes).toEqual(['a']);
  expect(server.authority.counts).toMatchObject({ refresh: 0, register: 1 });
});

test("another sign-in's state is refused, a code counts once, and a wrong code is the server's no", async () => {
  const { access, back, server } = await place();
  const begun = await access.begin({ redirect_url: REDIRECT });
  const returned = await back(begun);
  expect(() => begun.take({ ...returned, state: 'other' })).toThrow(
    'content.state: it is not the state of this sign-in; what the browser brought belongs to another one and was not used',
  );
  begun.take(returned);
  expect(() => begun.take(returned)).toThrow('the code of this sign-in was taken already; each counts once');
  await expect(begun.finish({ ...returned, code: 'made up' })).rejects.toThrow(
    `${server.origin} gave no token for the code: invalid_grant: no such code`,
  );
  await begun.finish(returned);
  await expect(begun.finish(returned)).rejects.toThrow('invalid_grant: the code was used before');
  // RFC 9207: an answer of another authorization server is not exchanged at this one.
  const mixed = await access.begin({ redirect_url: REDIRECT });
  const other = { ...(await back(mixed)), iss: 'https://evil.example' };
  const before = server.authority.counts.token;
  await expect(mixed.finish(other)).rejects.toMatchObject({ code: 'forbidden' });
  expect(server.authority.counts.token).toBe(before);
});

test('a client that the team names signs in with its id and secret, and none is registered', async () => {
  const { server, fetch, signIn, secrets } = await place(
    { registration: false, clients: { ours: { secret: 'a-secret-of-ours', redirect_uris: [REDIRECT] } } },
    { client: { client_id: 'ours', client_secret: 'a-secret-of-ours' }, scopes: ['read', 'extra'] },
  );
  expect((await signIn()).scope).toBe('read extra');
  expect((await fetch(server.url, POST)).status).toBe(200);
  expect(server.authority.counts.register).toBe(0);
  expect(secrets.has('a-secret-of-ours')).toBe(true);
});

test('words for a server that registers no clients, one that says it is another, and one that is not there', async () => {
  const closed = await place({ registration: false });
  await expect(closed.access.begin({ redirect_url: REDIRECT })).rejects.toThrow(
    `${closed.server.origin} registers no clients by itself: register one there, and write its id under oauth.clientId of the toolset`,
  );
  const other = await place({ resource: 'https://other.example/mcp' });
  await expect(other.access.begin({ redirect_url: REDIRECT })).rejects.toThrow(
    `the MCP server ${other.server.url} says that it is https://other.example/mcp, another one; a token for that is not asked for`,
  );
  const gone = await place();
  await gone.server.close();
  await expect(gone.access.begin({ redirect_url: REDIRECT })).rejects.toMatchObject({ code: 'unavailable' });
});
