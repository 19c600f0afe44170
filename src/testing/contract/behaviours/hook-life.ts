import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { calls, logOf, ofType, only, stopReason, teamOf, Watcher, type Behaviours } from '../support.ts';
import { kept } from './secrets.ts';
import { withHooks } from './hooks.ts';

const KEY = 'sk-hook-canary-3Vb8Nq1Zx7';
const DONE = { text: 'done' };
const ONCE = `input=$(cat); case "$input" in *'"attempt":1,'*) sleep 30;; esac; echo "$input" >> heard`;

export const hookLifeBehaviours: Behaviours = {
  'after a restart a guard that was cut runs again under its id, one that follows a call does not': async ({
    open,
  }) => {
    const data = await mkdtemp(join(tmpdir(), 'yonder-data-'));
    const folder = await mkdtemp(join(tmpdir(), 'yonder-work-'));
    const cut = async (event: 'pre_tool_use' | 'post_tool_use') => {
      const first = await open([calls('shell', { cmd: 'echo one' })], { data, folder });
      const runtime = await first.session(teamOf(['shell']), {
        safety: 'autonomous',
        ...withHooks({ [event]: [{ hooks: [{ name: 'h', command: ONCE }] }] }),
      });
      const watcher = new Watcher(await runtime.run(first.context, { messages: [{ content: 'go' }] }));
      const started = await watcher.until('hook_started');
      await watcher.close();
      await first.close();
      const second = await open([DONE], { data, folder });
      const { session_id } = runtime;
      const resumed = await second.backend.createSession(second.context, {
        resume_session_id: session_id,
        safety: 'autonomous',
      });
      const follow = second.backend.session(session_id).follow(second.context, {
        after: Number(started.seq),
        run_id: String(resumed.recovered?.run_id),
      });
      await new Watcher(follow).rest();
      const log = await logOf(second, session_id);
      await second.close();
      const told = (type: string) =>
        ofType(log, type).map(({ attempt, invocation_id }) => [attempt, invocation_id]);
      expect(stopReason(log)).toBe('normal');
      return { log, told, id: started['invocation_id'] };
    };
    try {
      const guard = await cut('pre_tool_use');
      expect(guard.told('hook_started')).toEqual([
        [1, guard.id],
        [2, guard.id],
      ]);
      expect(guard.told('hook_finished')).toEqual([[2, guard.id]]);
      expect(await readFile(join(folder, 'heard'), 'utf8')).toContain(
        `"invocation_id":"${String(guard.id)}"`,
      );
      const after = await cut('post_tool_use');
      expect(after.told('hook_started')).toEqual([[1, after.id]]);
      expect(only(after.log, 'hook_finished')).toMatchObject({
        invocation_id: after.id,
        error: 'it was cut off with the process that ran it, and is not run again',
      });
    } finally {
      await rm(data, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    }
  },

  'no key is in the environment of a hook, in its arguments, its events or what is kept': async ({
    open,
  }) => {
    const world = await open([calls('shell', { cmd: 'echo one' }), calls('think', { thought: 'x' }), DONE], {
      env: { OPENAI_API_KEY: KEY, YONDER_TOKEN: `${KEY}-own`, PLAIN: 'plain' },
    });
    const look =
      'env > ENV.txt; cat /proc/self/cmdline /proc/$PPID/cmdline >> ENV.txt; cat key.txt >&2; exit 1';
    const team = teamOf(['shell', 'think'], {
      agent: [
        'hooks:',
        '  pre_tool_use:',
        `    - {matcher: shell, hooks: [{command: ${JSON.stringify(look.replaceAll('ENV', 'runner'))}}]}`,
      ],
    });
    await writeFile(join(world.folder, 'key.txt'), `${KEY}\n`);
    const runtime = await world.session(team, {
      safety: 'autonomous',
      ...withHooks({
        pre_tool_use: [
          { matcher: 'shell', hooks: [{ command: look.replaceAll('ENV', 'host') }] },
          { matcher: 'think', hooks: [{ command: 'true', env: { MINE: '${env.OPENAI_API_KEY}' } }] },
        ],
      }),
    });
    const events = await world.run(runtime, 'go');
    for (const place of ['host', 'runner']) {
      const seen = await readFile(join(world.folder, `${place}.txt`), 'latin1');
      expect(seen).toContain('PLAIN=plain');
      expect(seen).not.toContain(KEY);
      expect(seen).not.toMatch(/^YONDER_(?!COMMAND_ID)/m);
    }
    expect(only(events, 'hook_blocked')['message']).toBe(
      'its variable MINE needs OPENAI_API_KEY, which is not set or is held back',
    );
    expect(ofType(events, 'hook_finished').map(({ error }) => error)[0]).toContain('[redacted:');
    expect(JSON.stringify(events)).not.toContain(KEY);
    expect(await kept(world)).not.toContain(KEY);
  },

  'a guard that cannot look lets nothing through, and the run goes on': async ({ open }) => {
    const turns = ['a', 'b', 'c', 'd', 'e'].map((word) => calls('shell', { cmd: `echo ${word}` }));
    const world = await open([...turns, DONE]);
    const broken = [
      ['a', './none.sh', /could not be run/],
      ['b', "echo '{broken'", /JSON that cannot be read/],
      ['c', 'exit 2', /without a reason/],
      ['d', 'sleep 30', /not ended after 4 s/],
      ['e', 'yes {', /more than 8 MiB/],
    ] as const;
    const line = broken.map(([word, command]) => `*"echo ${word}"*) ${command};;`).join(' ');
    const runtime = await world.session(teamOf(['shell']), {
      safety: 'autonomous',
      ...withHooks({
        pre_tool_use: [{ hooks: [{ command: `case "$(cat)" in ${line} esac`, timeout: 4 }] }],
      }),
    });
    const events = await world.run(runtime, 'go');
    expect(stopReason(events)).toBe('normal');
    expect(ofType(events, 'tool_call_response').map(({ outcome }) => outcome)).toEqual(
      broken.map(() => 'denied'),
    );
    expect(ofType(events, 'hook_blocked').map(({ message }) => message)).toEqual(
      broken.map(([, , words]) => expect.stringMatching(words)),
    );
  },
};
