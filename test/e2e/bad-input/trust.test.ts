import { describe, expect } from 'vitest';
import type { ScriptedTurn } from '../../../src/testing/model-server/script.ts';
import { played, teamText, test } from '../cli.ts';

const FAKE = ['--fake', 'cassette.yaml'];

const shell = (cmd: string): ScriptedTurn => ({ tool_calls: [{ name: 'shell', arguments: { cmd } }] });

describe('trust (R4)', () => {
  const HELD = teamText().replace('Do what', '${env.HOME} do what');

  test.concurrent('a found team with allow rules alone starts without them, and says so', async ({
    place,
  }) => {
    await played(place, [shell('touch it'), { text: 'Not done.' }], { toolsets: ['shell'] });
    await place.write('yonder.yaml', `${teamText({ toolsets: ['shell'] })}permissions:\n  allow: ["*"]\n`);
    const ended = await place.run(['run', '--exec', ...FAKE, 'hi']);
    expect(ended).toMatchObject({ code: 3, stdout: 'Not done.\n' });
    expect(ended.stderr).toMatch(/yonder\.yaml:\d+: warning: .*allow/);
    const trusted = await place.run(['run', '--exec', '--trust', ...FAKE, 'hi']);
    expect(trusted).toMatchObject({ code: 0 });
  });

  test.concurrent('a found team that wants a variable: 3 without a person, whatever --yolo says', async ({
    place,
  }) => {
    await played(place, [{ text: 'Done.' }]);
    await place.write('yonder.yaml', HELD);
    const held = await place.run(['run', '--exec', '--yolo', ...FAKE, 'hi']);
    expect(held).toMatchObject({ code: 3, stdout: '' });
    expect(held.stderr).toContain('HOME');
    expect((await place.run(['sessions', 'list', '--json'])).stdout).toBe('');
    expect((await place.run(['run', '--exec', '--trust', ...FAKE, 'hi'])).code).toBe(0);
    expect((await place.run(['run', 'yonder.yaml', '--exec', ...FAKE, 'hi'])).code).toBe(0);
  });

  test.concurrent('a dry run of a found team shows what it wants, and neither runs nor reads it', async ({
    place,
  }) => {
    await place.write('yonder.yaml', HELD);
    const dry = await place.run(['run', '--dry-run']);
    expect(dry.code).toBe(0);
    expect(dry.stdout).toMatch(/needs trust: .*HOME/);
    expect(dry.stdout).not.toContain(place.home);
    expect((await place.run(['sessions', 'list', '--json'])).stdout).toBe('');
  });
});
