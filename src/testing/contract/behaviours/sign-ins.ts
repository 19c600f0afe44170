import { expect } from 'vitest';
import { policyFor } from '../../../protocol/policy-for.ts';
import type { CreateSessionRequest } from '../../../protocol/contract/payloads.ts';
import { broughtBack, notesTeam, protectedServer, REDIRECT, signIn } from '../protected.ts';
import {
  calls,
  INLINE,
  logOf,
  ofType,
  only,
  refused,
  stopReason,
  Watcher,
  type Behaviours,
} from '../support.ts';
import { runToEnd, type World } from '../world.ts';
import type { ProtectedServer } from '../../mcp/protected-server.ts';

/** A session whose run waits for a sign-in. */
async function waiting(world: World, server: ProtectedServer, request: CreateSessionRequest = {}) {
  const runtime = await world.session(notesTeam(server.url), { unattended: 'wait', ...request });
  const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
  const question = await watcher.until('authorization_event');
  return { runtime, watcher, question, request_id: String(question['request_id']) };
}

export const signInBehaviours: Behaviours = {
  'a server that wants a sign-in is one question: claimed, answered with the code, and then its tools are there':
    async ({ open }) => {
      const server = await protectedServer();
      const world = await open([calls('notes_whoami', {}), { text: 'Ada.' }]);
      const { runtime, watcher, question, request_id } = await waiting(world, server, {
        safety: 'autonomous',
      });
      expect(question).toMatchObject({
        server: 'notes',
        server_url: server.url,
        kind: 'sign_in',
        scope: 'read',
        held_by: 'connection',
      });
      expect((await runtime.open(world.context, {})).pending_interactions).toMatchObject([
        { request_id, kind: 'authorization', held_by: 'connection' },
      ]);
      const { authorization_url, content } = await signIn(server, runtime, world.context, request_id);
      const events = await watcher.rest();
      expect(only(events, 'interaction_resolved')).toMatchObject({
        request_id,
        kind: 'authorization',
        outcome: 'answered',
        answer: { decision: 'accept' },
        by: 'admin',
      });
      expect(only(events, 'tool_call_response')['response']).toBe('You are Ada.');
      expect(stopReason(events)).toBe('normal');
      // R31: neither the address nor anything of the flow is in an event, the log, the transcript or an export.
      const log = JSON.stringify([
        events,
        await logOf(world, runtime.session_id),
        await runtime.transcript(world.context, {}),
        await runtime.exportSession(world.context, { format: 'json' }),
        world.model.journal.map(({ body }) => body),
      ]);
      const secret = [
        ...server.authority.secrets,
        ...Object.values(content).filter((value) => value !== server.origin),
        authorization_url,
      ];
      expect(secret.filter((value) => log.includes(value))).toEqual([]);
    },

  'who signed in once is not asked again: not in another session, and not for a token that can be renewed':
    async ({ open }) => {
      const server = await protectedServer();
      const world = await open([{ text: 'One.' }, calls('notes_whoami', {}), { text: 'Two.' }]);
      const { runtime, watcher, request_id } = await waiting(world, server);
      await signIn(server, runtime, world.context, request_id);
      await watcher.rest();
      server.authority.expire();
      const second = await world.session(notesTeam(server.url), { unattended: 'wait', safety: 'autonomous' });
      const events = await world.run(second, 'go');
      expect(ofType(events, 'authorization_event')).toEqual([]);
      expect(only(events, 'tool_call_response')['response']).toBe('You are Ada.');
      expect(server.authority.counts).toMatchObject({ authorize: 1, refresh: 1 });
    },

  'more than was granted is asked for in the middle of a call, which then goes on': async ({ open }) => {
    const server = await protectedServer();
    const world = await open([calls('notes_write_note', { text: 'a' }), { text: 'Written.' }]);
    const { runtime, watcher, request_id } = await waiting(world, server, { safety: 'autonomous' });
    await signIn(server, runtime, world.context, request_id);
    const step = await watcher.until('authorization_event');
    expect(step).toMatchObject({ server: 'notes', kind: 'step_up', scope: 'write' });
    await signIn(server, runtime, world.context, String(step['request_id']));
    const events = await watcher.rest();
    expect(only(events, 'tool_call_response')['response']).toBe('Wrote: a');
    expect(server.notes).toEqual(['a']);
  },

  'a server that goes on demanding what it was given is not asked for ever': async ({ open }) => {
    const server = await protectedServer({ refuses: 'scope' });
    const world = await open([calls('notes_whoami', {}), { text: 'No.' }]);
    const { runtime, watcher, request_id } = await waiting(world, server, { safety: 'autonomous' });
    await signIn(server, runtime, world.context, request_id);
    const step = await watcher.until('authorization_event');
    await signIn(server, runtime, world.context, String(step['request_id']));
    const events = await watcher.rest();
    expect(only(events, 'tool_call_response')['response']).toBe(
      `The MCP server notes failed: ${new URL(server.url).host} wants more than was granted, although a person has just signed in`,
    );
    const loop = await protectedServer({ refuses: 'unauthorized' });
    const other = await open([{ text: 'Hello.' }]);
    const asked = await waiting(other, loop);
    await signIn(loop, asked.runtime, other.context, asked.request_id);
    const said = await asked.watcher.rest();
    expect(only(said, 'warning')['message']).toMatch(
      /^the MCP server notes could not be started: .*refuses the renewed token too, although a person has just signed in; the run goes on without its tools$/,
    );
    expect(stopReason(said)).toBe('normal');
  },

  'a sign-in that is declined, or that nobody can give, is a warning that names the command; the run goes on':
    async ({ open }) => {
      const server = await protectedServer();
      const world = await open([{ text: 'Without.' }, { text: 'Without.' }]);
      const { runtime, watcher, request_id } = await waiting(world, server);
      await runtime.answer(world.context, { request_id, decision: 'decline' });
      const events = await watcher.rest();
      expect(only(events, 'warning')['message']).toBe(
        'the MCP server notes could not be started: the sign-in at the MCP server notes was declined by admin; it is done beforehand with: yonder mcp login notes <team>; the run goes on without its tools',
      );
      expect(stopReason(events)).toBe('normal');
      const alone = await world.session(notesTeam(server.url), { unattended: 'refuse' });
      const refusing = await world.run(alone, 'go');
      expect(ofType(refusing, 'authorization_event')).toEqual([]);
      expect(only(refusing, 'warning')['message']).toBe(
        'the MCP server notes could not be started: the MCP server notes wants a sign-in, and nobody is here to give it; sign in before with: yonder mcp login notes <team>; the run goes on without its tools',
      );
      expect(server.authority.counts.authorize).toBe(0);
    },

  'one client claims: a second one, another state, a code that comes twice and another principal are refused':
    async ({ open }) => {
      const server = await protectedServer();
      const world = await open([{ text: 'Hello.' }]);
      const { runtime, watcher, request_id } = await waiting(world, server);
      const { context } = world;
      const claim = { request_id, redirect_url: REDIRECT };
      await refused(
        runtime.answer(context, { request_id, decision: 'accept', content: { code: 'a', state: 'b' } }),
        'conflict',
        /^nobody has taken this sign-in upon itself: claim it first$/,
      );
      await refused(
        runtime.claim(context, { ...claim, redirect_url: 'https://evil.example/callback' }),
        'invalid_request',
        /^redirect_url: it must be an address with a port of the machine that asks/,
      );
      const { authorization_url } = await runtime.claim(context, claim);
      await refused(runtime.claim(context, claim), 'conflict', /^admin has taken this sign-in upon itself/);
      const content = await broughtBack(server, authorization_url);
      const accept = { request_id, decision: 'accept', content } as const;
      const boss = world.as('boss', ['read', 'run', 'approve', 'admin']);
      const theirs = boss.backend.session(runtime.session_id);
      await refused(theirs.answer(boss.context, accept), 'forbidden', /^admin has taken this sign-in upon/);
      await refused(theirs.claim(boss.context, claim), 'conflict', /^admin has taken/);
      const reader = world.as('admin', ['read', 'run']);
      await refused(
        reader.backend.session(runtime.session_id).claim(reader.context, claim),
        'forbidden',
        /approve/,
      );
      await refused(
        runtime.answer(context, { ...accept, content: { ...content, state: 'other' } }),
        'invalid_request',
        /^content\.state: it is not the state of this sign-in/,
      );
      await refused(
        runtime.answer(context, { ...accept, content: { code: content['code'] } }),
        'invalid_request',
        /^content\.state: a sign-in is accepted with code, state/,
      );
      await runtime.answer(context, accept);
      await watcher.rest();
      await refused(runtime.answer(context, accept), 'already_resolved', /^the question/);
      await refused(runtime.claim(context, claim), 'already_resolved', /^the question/);
      await refused(runtime.claim(context, { ...claim, request_id: 'req_none' }), 'not_found', /no question/);
      expect(server.authority.counts).toMatchObject({ authorize: 1, token: 1 });
    },

  'an interrupt takes the question back, and a sign-in that comes later changes nothing': async ({
    open,
  }) => {
    const server = await protectedServer();
    const world = await open([]);
    const { runtime, watcher, request_id } = await waiting(world, server);
    const { authorization_url } = await runtime.claim(world.context, { request_id, redirect_url: REDIRECT });
    await runtime.interrupt(world.context, {});
    const events = await watcher.rest();
    expect(only(events, 'interaction_resolved')).toMatchObject({ request_id, outcome: 'canceled' });
    expect(stopReason(events)).toBe('canceled');
    const content = await broughtBack(server, authorization_url);
    await refused(
      runtime.answer(world.context, { request_id, decision: 'accept', content }),
      'already_resolved',
      /was canceled/,
    );
    expect(server.authority.counts.token).toBe(0);
  },

  'an address of a private network is for trusted teams, and where the policy lets it be': async ({
    open,
  }) => {
    const server = await protectedServer();
    const world = await open([{ text: 'Without.' }, { text: 'Without.' }]);
    const words = `the MCP server notes could not be started: ${server.url} is refused: 127.0.0.1, an address that is not of the open internet; the run goes on without its tools`;
    const source = INLINE(notesTeam(server.url));
    const { session_id } = await world.backend.createSession(world.context, {
      source,
      working_dir: world.folder,
    });
    const untrusted = await world.run(world.backend.session(session_id), 'go');
    expect(only(untrusted, 'warning')['message']).toBe(words);
    const file = { private_networks: false, folders: { allowed: [world.folder] } };
    const policy = policyFor({ principal: 'ann', scopes: ['admin'] }, { folder: world.folder, file });
    const ann = world.as('ann', ['read', 'run', 'approve', 'admin'], { policy });
    const { needs_trust } = await ann.backend.loadTeam(ann.context, { source });
    const made = await ann.backend.createSession(ann.context, {
      source,
      working_dir: world.folder,
      ...(needs_trust === undefined ? {} : { trust: { digest: needs_trust.digest } }),
    });
    const events = await runToEnd(ann.backend.session(made.session_id), ann.context, 'go');
    expect(only(events, 'warning')['message']).toBe(words);
    await refused(
      ann.backend.loginMcp(ann.context, { server: server.url, redirect_url: REDIRECT }),
      'forbidden',
      /is refused: 127\.0\.0\.1, an address that is not of the open internet$/,
    );
    expect(server.journal).toEqual([]);
  },
};
