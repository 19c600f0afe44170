import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { COMMANDS } from '../../src/cli/conversation/commands/table.ts';
import type { ScriptedTurn } from '../../src/testing/model-server/script.ts';
import { startModelServer } from '../../src/testing/model-server/server.ts';
import { scratch, serverTeam, type Scratch } from './cli.ts';
import { hasTmux, openTerminal } from './terminal.ts';

/** A line to type, and what then stands below it on the screen. */
type Typed = readonly [line: string, shows: RegExp];

/** Every command, in the order in which it is typed; each sees what those before it have done. */
const ROWS: Record<string, readonly Typed[]> = {
  help: [
    [
      '/help',
      /\/help +this list\n[^]*\/followup TEXT +tell the model[^]*\nCtrl-R +looks[^]*\nCtrl-D +leaves\n/,
    ],
  ],
  model: [
    [
      '/model',
      /root works with mine\/scripted\n {2}mine\/scripted: openai\/scripted\n {2}any provider\/model may be named/,
    ],
    ['/model default', /model from the next turn on: the team's own\n/],
  ],
  agent: [
    ['/agent', /root \(works now\): /],
    ['/agent nobody', /error: the team has no agent nobody; it has root\n/],
  ],
  safety: [
    ['/safety strict', /safety: strict\n/],
    ['/safety', /safety: strict\n/],
    ['/safety wild', /error: there is no mode wild; there is strict, balanced, restricted, autonomous\n/],
    ['/safety balanced', /safety: balanced\n/],
  ],
  permissions: [
    ['/permissions deny shell:cmd=rm *', /for this session: deny shell:cmd=rm \* \(.*\)\n/],
    [
      '/permissions',
      /safety: balanced, edits in the working folder are accepted\n(?: .*\n)* {2}session: deny shell:cmd=rm \*\n/,
    ],
  ],
  tools: [['/tools', /read_file filesystem: /]],
  show: [
    ['go', /✓ read_file a\.txt .*#1 .*\nRead\.\n/],
    ['/show 1', /one line\n/],
    ['/show 7', /error: there is no call 7; /],
  ],
  snapshots: [
    ['/snapshots', /no turn has changed a file yet\n/],
    ['write a', /Wrote a\.\n/],
    ['write b', /Wrote b\.\n/],
    ['/snapshots', / 1 {2}\S+ \S+ {2}\+made-a\n +2 {2}\S+ \S+ {2}\+made-b\n/],
  ],
  reset: [
    ['/reset 7', /error: there is no snapshot 7 to go back to; there is 1, 2\n/],
    ['/reset 1', /back to 1: 1 file and 4 messages taken back\n/],
  ],
  undo: [['/undo', /taken back: 1 file, and what came of: write a\n/]],
  cost: [['/cost', /\d+ tokens in, \d+ tokens out · /]],
  skills: [['/skills', /the agent has no skills\n/]],
  title: [['/title My own name', /title: My own name\n/]],
  search: [['/search zebra', /nothing was said of zebra\n/]],
  star: [['/star', /it has a star now\n/]],
  fork: [['/fork 99', /error: at: session \S+ has no message and no turn 99/]],
  export: [['/export out.md', /written: \S*out\.md\n/]],
  delete: [['/delete', /Type: \/delete yes/]],
  sessions: [['/sessions', /My own name[^]*go on with one: yonder run (?:--remote lab )?--session ID\n/]],
  pause: [
    ['/pause', /it holds at its next step; \/pause again lets it go on\n/],
    ['/pause', /it goes on\n/],
  ],
  followup: [
    ['/followup', /error: \/followup takes a text/],
    ['/followup and then', /Followed\.\n/],
  ],
  compact: [['/compact keep names', /summary started\nsummary completed\n/]],
  new: [
    [
      '/new',
      /the session before stays: yonder run (?:--remote lab )?--session \w+\nroot with mine\/scripted · .*\n/,
    ],
  ],
  exit: [['/exit', /EXIT 0\n/]],
};

const titled: ScriptedTurn = {
  text: 'A title',
  when: ({ body }) => JSON.stringify(body).includes('Give this conversation a title'),
};

test('every command has a row', () => {
  expect(Object.keys(ROWS).toSorted()).toEqual(COMMANDS.map(({ name }) => name).toSorted());
});

for (const where of ['here', 'yonder']) {
  test(`each command, typed on a real terminal in one conversation ${where}`, async ({ skip }) => {
    skip(!hasTmux, 'there is no tmux here, and so no terminal');
    const server = await startModelServer([
      titled,
      { tool_calls: [{ name: 'read_file', arguments: { path: 'a.txt' } }] },
      { text: 'Read.' },
      { tool_calls: [{ name: 'write_file', arguments: { path: 'made-a', content: 'a' } }] },
      { text: 'Wrote a.' },
      { tool_calls: [{ name: 'write_file', arguments: { path: 'made-b', content: 'b' } }] },
      { text: 'Wrote b.' },
      { text: 'Followed.' },
      { text: 'They talked.' },
    ]);
    onTestFinished(() => server.close());
    const place = await scratch();
    await place.write('a.txt', 'one line\n');
    await place.write('team.yaml', serverTeam(server.url, { toolsets: ['filesystem', 'shell'] }));
    const env = { SCRIPTED_KEY: 'key' };
    const remote = where === 'here' ? [] : await serveAs('lab', place, env);
    const words = ['run', ...remote, '--snapshots', '--accept-edits', 'team.yaml'];
    const terminal = openTerminal(place, words, env);
    await terminal.shows(`${where === 'here' ? '' : '127.0.0.1:'}${place.work} · safety balanced`);
    await terminal.shows('Ctrl-D leaves');
    // A person's own command: here it is theirs, and a server without a policy that allows it says so.
    const own: Typed = ['!echo own $((1 + 1))', where === 'here' ? /^own 2\n/ : /^error: .*shell/];
    for (const [line, shows] of [own, ...Object.values(ROWS).flat()]) {
      const count = terminal.screen().split(`> ${line}\n`).length;
      terminal.say(line);
      const below = (): string => terminal.screen().split(`> ${line}\n`).slice(count).join('');
      await expect.poll(below, { timeout: 20_000, interval: 40, message: `after ${line}` }).toMatch(shows);
    }
  });
}

/** A server in the same folder with a store of its own, kept under a name; the words that mean it. */
async function serveAs(name: string, place: Scratch, env: Record<string, string>): Promise<string[]> {
  const data = { ...env, XDG_DATA_HOME: join(place.root, 'server') };
  const serving = place.start(['serve', 'api', '--listen', '127.0.0.1:0', '--auth-token', 'T'], {
    env: data,
  });
  await serving.shows('listening on ');
  const [, url = ''] = /listening on (\S+?);/.exec(serving.stdout) ?? [];
  await place.run(['remote', 'add', name, url, '--token', 'T']);
  return ['--remote', name];
}
