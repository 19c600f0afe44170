import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { scriptCassette } from '../../../src/testing/model-server/script-cassette.ts';
import { type Scratch, test } from '../cli.ts';

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
  await place.write('team.yaml', 'agents:\n  root:\n    model: auto\n    instruction: Help.\n');
  await place.write(
    'tape.yaml',
    scriptCassette([{ text: 'Done.' }], { api: 'openai_chatcompletions', model: 'gpt-4o' }),
  );
  const words = ['run', 'team.yaml', '--exec', '--json', '--fake', 'tape.yaml', 'hi'];
  const log = join(place.root, 'log');
  const ended = await place.run(words, {
    env: { DOCKER_AGENT_DEFAULT_MODEL: 'openai/gpt-4o', CAGENT_LOG_FILE: log },
  });
  expect(ended.code).toBe(0);
  expect(ended.stdout).toContain('openai/gpt-4o');
  expect(readFileSync(log, 'utf8')).toContain('ended: normal');
  const gateway = await place.run(words, { env: { CAGENT_MODELS_GATEWAY: 'http://127.0.0.1:9' } });
  expect(gateway).toMatchObject({ code: 5, stdout: '' });
  expect(gateway.stderr).toContain('models gateway');
});
