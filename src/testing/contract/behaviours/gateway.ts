import { expect } from 'vitest';
import { logOf, only, refused, stopReason, teamOf, type Behaviours } from '../support.ts';

const GATEWAY = 'http://gateway.test/llm';
const NO_KEYS = { OPENAI_API_KEY: undefined, ANTHROPIC_API_KEY: undefined, GOOGLE_API_KEY: undefined };

export const gatewayBehaviours: Behaviours = {
  'requests go to the gateway, which is told where they were meant to go, and no key is needed': async ({
    open,
  }) => {
    const world = await open([{ text: 'a' }, { text: 'b' }], { env: NO_KEYS });
    const models = ['google/gemini-2.5-flash', 'anthropic/claude-haiku-4-5'];
    for (const model of models) {
      const runtime = await world.session(teamOf([], { model }), {
        runtime_config: { models_gateway: GATEWAY },
      });
      expect(stopReason(await world.run(runtime, 'hello'))).toBe('normal');
    }
    const seen = world.model.journal.map(({ path, headers }) => [
      path,
      headers.get('x-yonder-forward'),
      headers.get('x-cagent-forward'),
    ]);
    const [google, anthropic] = [
      'https://generativelanguage.googleapis.com/v1beta',
      'https://api.anthropic.com/v1',
    ];
    expect(seen).toEqual([
      ['/llm/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse', google, google],
      ['/llm/v1/messages', anthropic, anthropic],
    ]);
  },

  'keys stay here, and the password of a gateway in memory': async ({ open }) => {
    const world = await open([{ text: 'a' }]);
    const models_gateway = 'https://me:gateway-word@gateway.test';
    const runtime = await world.session(teamOf([]), { runtime_config: { models_gateway } });
    await world.run(runtime, 'hello');
    const [entry] = world.model.journal;
    expect([...(entry?.headers.values() ?? [])].join(' ')).not.toContain('test-key');
    expect(entry?.headers.get('authorization')).toMatch(/^Basic /);
    expect(JSON.stringify(await logOf(world, runtime.session_id))).not.toContain('gateway-word');
  },

  'a gateway that answers HTML ends the run with words': async ({ open }) => {
    const page = { status: 200, body: '<html><body>Please sign in</body></html>' };
    const world = await open([page, page, page]);
    const runtime = await world.session(teamOf([]), { runtime_config: { models_gateway: GATEWAY } });
    const events = await world.run(runtime, 'hello');
    expect(stopReason(events)).toBe('error');
    expect(only(events, 'error')).toMatchObject({
      code: 'model_error',
      error: expect.stringMatching(
        /through the gateway http:\/\/gateway\.test\/llm\) answered with text\/html.*models_gateway/,
      ),
    });
  },

  'what is no address is refused before anything is made': async ({ open }) => {
    const world = await open();
    const request = { runtime_config: { models_gateway: 'gateway' } };
    await refused(world.session(teamOf([]), request), 'invalid_request', /models_gateway must be an address/);
    expect((await world.backend.listSessions(world.context, {})).sessions).toEqual([]);
  },
};
