import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startModelServer } from '../../../src/testing/model-server/server.ts';
import { type Scratch, serverTeam, test } from '../cli.ts';

interface Placed {
  store: string | undefined;
  configuration: string | undefined;
}

/** Where `doctor` finds the store and the configuration. */
async function places(
  place: Scratch,
  env: Record<string, string>,
  flags: readonly string[] = [],
): Promise<Placed> {
  const { stdout } = await place.run([...flags, 'doctor', '--json'], { env });
  const detail = (name: string): string | undefined =>
    new RegExp(`"name":"${name}","state":"ok","detail":"([^" ]+)`).exec(stdout)?.[1];
  return { store: detail('store'), configuration: detail('configuration') };
}

test.concurrent.for(['YONDER_', 'DOCKER_AGENT_', 'CAGENT_'])(
  'DATA_DIR and CONFIG_DIR name places: %s',
  async (prefix, { place }) => {
    const [data, config] = [join(place.root, 'my-data'), join(place.root, 'my-config')];
    expect(await places(place, { [`${prefix}DATA_DIR`]: data, [`${prefix}CONFIG_DIR`]: config })).toEqual({
      store: join(data, 'session.db'),
      configuration: join(config, 'config.yaml'),
    });
  },
);

test.concurrent("a flag beats a variable, ours beats the peer's, its new name the old, and an empty one is none", async ({
  place,
}) => {
  const at = (name: string): string => join(place.root, `${name}.db`);
  const env = {
    YONDER_SESSION_DB: at('ours'),
    DOCKER_AGENT_SESSION_DB: at('new'),
    CAGENT_SESSION_DB: at('old'),
  };
  expect((await places(place, env, ['-s', at('flag')])).store).toBe(at('flag'));
  expect((await places(place, env)).store).toBe(at('ours'));
  expect((await places(place, { ...env, YONDER_SESSION_DB: '' })).store).toBe(at('new'));
});

test.concurrent('LOG_FILE is --log-file, DEFAULT_MODEL what `auto` means; a models gateway is refused before anything runs', async ({
  place,
}) => {
  const server = await startModelServer([{ text: 'Done.' }]);
  try {
    const extra = '  other:\n    model: mine/default\n    instruction: Help.';
    await place.write('team.yaml', serverTeam(server.url, { extra }).replace('mine/scripted', 'auto'));
    const log = join(place.root, 'log');
    const env = {
      SCRIPTED_KEY: 'key-of-a-test',
      DOCKER_AGENT_DEFAULT_MODEL: 'mine/default',
      CAGENT_LOG_FILE: log,
    };
    const words = ['run', 'team.yaml', '--exec', 'hi'];
    expect(await place.run(words, { env })).toMatchObject({ code: 0, stdout: 'Done.\n' });
    expect(server.journal.map(({ body }) => body['model'])).toEqual(['default']);

    server.add({ text: 'By the gateway.' });
    const { origin } = new URL(server.url);
    const { SCRIPTED_KEY: _key, ...gateway } = { ...env, CAGENT_MODELS_GATEWAY: `${origin}/gateway` };
    const forwarded = await place.run(words, { env: gateway });
    expect(forwarded).toMatchObject({ code: 0, stdout: 'By the gateway.\n' });
    expect(server.journal[1]?.path).toBe('/gateway/v1/chat/completions');
    expect(server.journal[1]?.headers.get('x-cagent-forward')).toBe(server.url);
    const noted = readFileSync(log, 'utf8').trimEnd().split('\n');
    expect(noted.map((line) => line.replace(/^\S+ (?:session \w+ )?/, ''))).toEqual([
      'created',
      'ended: normal',
      'created',
      'ended: normal',
    ]);
  } finally {
    await server.close();
  }
});
