import { calls, teamOf } from './support.ts';
import type { Scenario } from './transcripts.ts';

const hooked = (lines: readonly string[]): string =>
  teamOf(['think'], { agent: ['hooks:', ...lines.map((line) => `  ${line}`)] });
const plainly = (event: string, command: string): string =>
  `${event}: [{command: ${JSON.stringify(command)}}]`;

const ADDING = hooked([
  plainly('session_start', 'echo the build is red'),
  plainly('user_prompt_submit', 'echo "asked: $(grep -o do.it)"'),
  'turn_start: [{type: builtin, command: add_directory_listing}]',
]);
const MORE = hooked([plainly('stop', 'test -e told || { touch told; echo "now say it in one word"; }')]);
const KEEPING = hooked([plainly('before_compaction', 'echo "all of it is needed" >&2; exit 2')]);
const LONG = 'long '.repeat(20_000);

function scenario(team: string, turns: Scenario['turns']): Scenario {
  return {
    command: { team, flags: ['--yolo'], exit: 0 },
    turns,
    play: async (world) => world.run(await world.session(team, { safety: 'autonomous' }), 'do it'),
  };
}

/** What hooks of a team do to a run. */
export const HOOK_MOMENT_SCENARIOS: Readonly<Record<string, Scenario>> = {
  'hooks add': scenario(ADDING, [calls('think', { thought: 'red' }), { text: 'It is red.' }]),
  'hook gives more': scenario(MORE, [{ text: 'It is done, as you said.' }, { text: 'Done.' }]),
  'hook vetoes': {
    turns: [{ text: 'first', usage: { input: 120_000, output: 20 } }, { text: 'All of it.' }],
    async play(world) {
      const runtime = await world.session(KEEPING);
      return [...(await world.run(runtime, LONG)), ...(await world.run(runtime, 'go on'))];
    },
  },
};
