import { expect } from 'vitest';
import { calls, refused, teamOf, type Behaviours } from '../support.ts';

const TEAM = teamOf(['shell'], { agent: ['sub_agents: [helper]'] }).concat(
  '  helper:\n    model: openai/gpt-4o\n    description: Helps\n    instruction: Help.\n',
);

export const exportBehaviours: Behaviours = {
  'as JSON it has everything, with cost and time of each turn': async ({ open }) => {
    const world = await open([
      calls('transfer_task', { agent: 'helper', task: 'help me' }, 'call_t'),
      { text: 'helped' },
      { text: 'done' },
    ]);
    const runtime = await world.session(TEAM, { title: 'Export me' });
    await world.run(runtime, 'go');
    const { text, ...rest } = await runtime.exportSession(world.context, { format: 'json' });
    const { as_of } = await runtime.open(world.context, {});
    expect(rest).toEqual({ media_type: 'application/json', name: `${runtime.session_id}.json`, as_of });
    const whole = JSON.parse(text);
    expect(whole).toMatchObject({
      format: 'yonder/session',
      version: 1,
      session: { session_id: runtime.session_id, title: 'Export me' },
      usage: { input_tokens: 300, output_tokens: 60, price_known: true },
      sub_sessions: [
        { parent: { session_id: runtime.session_id, tool_call_id: 'call_t' }, agent_name: 'helper' },
      ],
      blobs: [],
    });
    expect(whole.messages.map(({ content }: { content: string }) => content).at(-1)).toBe('done');
    const turns = whole.usage.turns as Record<string, number>[];
    expect(turns.map(({ turn, calls: made, input_tokens }) => [turn, made, input_tokens])).toEqual([
      [1, 2, 200],
      [2, 1, 100],
    ]);
    for (const turn of turns) expect(turn['cost']).toBeGreaterThan(0);
    for (const turn of turns) expect(turn['duration_ms']).toBeGreaterThanOrEqual(0);
  },

  'as Markdown it is a transcript that reads well': async ({ open }) => {
    const world = await open([
      calls('shell', { cmd: "printf '```\nfenced\n```'" }, 'call_f'),
      { text: 'All **done**.' },
    ]);
    const runtime = await world.session(TEAM, { title: 'Read me', safety: 'autonomous' });
    await world.run(runtime, 'go\non');
    const { text, media_type } = await runtime.exportSession(world.context, { format: 'markdown' });
    expect(media_type).toBe('text/markdown');
    expect(text).toMatch(/^# Read me\n/);
    expect(text).toContain('### You\n\ngo\non\n');
    expect(text).toContain('Calls `shell`:\n\n````json\n');
    expect(text).toContain('Result:\n\n````\n```\nfenced\n```\n````');
    expect(text).toMatch(/### root · turn 2 · openai\/gpt-4o · \d+\.\d s · \$0\.\d+\n\nAll \*\*done\*\*\.\n/);
    expect(text).toMatch(
      /## Cost and time\n\n\| turn \|.*\n\|---.*\n\| 1 \| root \| openai\/gpt-4o \| \d+\.\d s \| 100 \| 20 \| \$0\.\d+ \|/,
    );
  },

  'as HTML it is one page in which all that was said is text': async ({ open }) => {
    const world = await open([
      calls('shell', { cmd: "printf '</pre><script>alert(1)</script>'" }, 'call_f'),
      { text: '<img src=x onerror=alert(1)>' },
    ]);
    const runtime = await world.session(TEAM, { title: '</title><b>', safety: 'autonomous' });
    await world.run(runtime, '"go" & <i>on</i>');
    const { text, ...rest } = await runtime.exportSession(world.context, { format: 'html' });
    expect(rest).toMatchObject({ media_type: 'text/html', name: `${runtime.session_id}.html` });
    expect(text).toContain('<title>&lt;/title&gt;&lt;b&gt;</title>');
    expect(text).toContain('<pre dir="auto">\n&quot;go&quot; &amp; &lt;i&gt;on&lt;/i&gt;</pre>');
    expect(text).toContain('<pre dir="auto">\n&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).toContain('<pre dir="auto">\n&lt;img src=x onerror=alert(1)&gt;</pre>');
    expect(text).toMatch(/<h3>root <small>turn 2 · openai\/gpt-4o · \d+\.\d s · \$0\.\d+<\/small><\/h3>/);
    expect(text).toMatch(/^<!doctype html>\n[^]*<\/html>\n$/);
  },

  'an empty session has an export too, and one that is not there is refused': async ({ open }) => {
    const world = await open();
    const runtime = await world.session(TEAM);
    const page = await runtime.exportSession(world.context, { format: 'html' });
    expect(page.text).toContain('<li>used: 0 tokens in, 0 out, $0.00</li>');
    const { text } = await runtime.exportSession(world.context, { format: 'markdown' });
    expect(text).toContain('0 tokens in, 0 out, $0.00');
    await refused(
      world.backend.session('nosuch').exportSession(world.context, { format: 'json' }),
      'not_found',
      /nosuch/,
    );
  },
};
