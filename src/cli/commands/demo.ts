import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoFolder } from '../demo-folder.ts';
import type { Io } from '../terminal/io.ts';
import { styleFor } from '../terminal/style.ts';
import { run } from './run.ts';
import { showSession } from './sessions-show.ts';

const MESSAGE = 'The test fails. Mend the program.';

/** `yonder demo`: a played cassette, through the same command that a person types, in a scratch folder that is removed at the end. */
export async function demo(io: Io): Promise<number> {
  const source = demoFolder();
  const scratch = await mkdtemp(join(tmpdir(), 'yonder-demo-'));
  const say = (text: string): boolean => io.stderr.write(`${text}\n`);
  const bold = (text: string): string => styleFor(io.stderr, io.env)('bold', text);
  try {
    const work = join(scratch, 'work');
    await cp(join(source, 'project'), work, { recursive: true });
    const here = { ...io, cwd: work, env: playedEnvironment(io.env) };
    const places = {
      configDir: join(scratch, 'config'),
      dataDir: join(scratch, 'data'),
      cacheDir: join(scratch, 'cache'),
    };
    say(bold('A team of two agents at work; the answers of the model are played from a recording.'));
    say(`$ yonder run team.yaml --accept-edits "${MESSAGE}"\n`);
    const exit = await run(
      {
        ...places,
        exec: true,
        acceptEdits: true,
        ask: 'refuse',
        fake: join(source, 'cassette.yaml'),
        fakeStream: 15,
      },
      [join(source, 'team.yaml'), MESSAGE],
      here,
    );
    if (exit !== 0) return exit;
    say(bold('\nThe same as it is stored:'));
    say('$ yonder sessions show -1\n');
    await showSession('-1', places, here);
    say(bold('\nThat folder and that session are gone again. Now with a model of your own:'));
    say('  export ANTHROPIC_API_KEY=...     (or OPENAI_API_KEY, or start ollama)');
    say('  cd your/repository');
    say('  yonder "explain what this project does"');
    return 0;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** No setting of the person's own has a part in it. */
function playedEnvironment(env: Io['env']): Io['env'] {
  const own = Object.entries(env).filter(([name]) => !/^(?:YONDER|DOCKER_AGENT|CAGENT)_/.test(name));
  return Object.fromEntries(own);
}
