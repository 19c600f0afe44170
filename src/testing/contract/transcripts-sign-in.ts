import { startProtectedServer, type ProtectedServer } from '../mcp/protected-server.ts';
import { notesTeam, signIn } from './protected.ts';
import { calls, Watcher } from './support.ts';
import type { Scenario } from './transcripts.ts';

/** One for all arms, so that its address is the same in each; it holds up no process. */
let shared: Promise<ProtectedServer> | undefined;

/** Signing in at an MCP server, and once more for what a call needs. */
export const SIGN_IN_SCENARIOS: Readonly<Record<string, Scenario>> = {
  'sign-in and step-up': {
    turns: [calls('notes_write_note', { text: 'a' }), { text: 'It is written.' }],
    async play(world) {
      shared ??= startProtectedServer();
      const server = await shared;
      const request = { unattended: 'wait', safety: 'autonomous' } as const;
      const runtime = await world.session(notesTeam(server.url), request);
      const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'do it' }] }));
      for (const kind of ['sign_in', 'step_up']) {
        const event = await watcher.until('authorization_event', (asked) => asked['kind'] === kind);
        await signIn(server, runtime, world.context, String(event['request_id']));
      }
      return watcher.rest();
    },
  },
};
