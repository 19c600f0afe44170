import { calls, teamOf } from './support.ts';
import type { Scenario } from './transcripts.ts';

const answer = (of: object): string => `echo '${JSON.stringify(of)}'`;
const specific = (of: object): string => answer({ hook_specific_output: of });

/** A guard by what stands in its input; everything else passes. */
function hooked(event: string, cases: Readonly<Record<string, string>>): string {
  const lines = Object.entries(cases).map(([text, command]) => `*"${text}"*) ${command};;`);
  const command = `case "$(cat)" in ${lines.join(' ')} esac`;
  return teamOf(['shell', 'think'], {
    agent: ['hooks:', `  ${event}:`, `    - hooks: [{name: watch, command: ${JSON.stringify(command)}}]`],
  });
}

const REWRITING = hooked('pre_tool_use', { 'echo one': specific({ updated_input: { cmd: 'echo two' } }) });
const DENYING = hooked('pre_tool_use', { 'echo one': 'echo "not this" >&2; exit 2' });
const STOPPING = hooked('post_tool_use', {
  'echo one': specific({ additional_context: 'Mind the first.' }),
  'echo two': answer({ decision: 'block', reason: 'that was enough' }),
});

function scenario(team: string, turns: Scenario['turns'], exit = 0): Scenario {
  return {
    command: { team, flags: ['--yolo'], exit },
    turns,
    play: async (world) => world.run(await world.session(team, { safety: 'autonomous' }), 'do it'),
  };
}

/** What hooks of a team do to calls. */
export const HOOK_SCENARIOS: Readonly<Record<string, Scenario>> = {
  'hook rewrites': scenario(REWRITING, [calls('shell', { cmd: 'echo one' }), { text: 'It said two.' }]),
  'hook denies': scenario(DENYING, [
    calls('shell', { cmd: 'echo one' }),
    calls('shell', { cmd: 'echo other' }),
    { text: 'One of them.' },
  ]),
  'hook stops': scenario(
    STOPPING,
    [calls('shell', { cmd: 'echo one' }), calls('shell', { cmd: 'echo two' })],
    1,
  ),
};
