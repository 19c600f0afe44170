import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LanguageModelV4Prompt } from '@ai-sdk/provider';
import type { Message } from '../../../src/protocol/message.ts';
import { Histories, History } from '../../../src/model/prompt/history.ts';
import { message, toolCall } from './calls.ts';

const STYLE = {
  wire: 'chat',
  provider: 'openai',
  media: { images: ['image/png'], documents: [] },
} as const;
const noBlobs = (): Promise<Uint8Array> => Promise.reject(new Error('no blobs here'));

async function promptOf(histories: Histories, messages: readonly Message[]): Promise<LanguageModelV4Prompt> {
  const history = await histories.of(messages, STYLE, noBlobs);
  const prompt = [...history.prompt([])];
  history.giveBack();
  return prompt;
}

function idsOf(prompt: LanguageModelV4Prompt): { calls: string[]; results: string[] } {
  const calls: string[] = [];
  const results: string[] = [];
  for (const { role, content } of prompt) {
    if (role === 'system') continue;
    for (const part of content) {
      if (part.type === 'tool-call') calls.push(part.toolCallId);
      if (part.type === 'tool-result') results.push(part.toolCallId);
    }
  }
  return { calls, results };
}

/** Any order of messages, also ones that no loop would write. */
const anyHistory = fc
  .array(
    fc.oneof(
      fc.record({ role: fc.constant('user' as const), ids: fc.constant<string[]>([]) }),
      fc.record({
        role: fc.constant('assistant' as const),
        ids: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }),
      }),
      fc.record({ role: fc.constant('tool' as const), ids: fc.constantFrom(['a'], ['b'], ['c'], ['x']) }),
    ),
    { maxLength: 12 },
  )
  .map((plan) =>
    plan.map(({ role, ids }, turn) => {
      const own = ids.map((id) => toolCall(`${id}${role === 'assistant' ? turn : turn - 1}`, 'read'));
      if (role === 'tool') return message('tool', 'ok', { tool_call_id: own[0]?.id ?? '' });
      return message(role, 'text', own.length === 0 ? {} : { tool_calls: own });
    }),
  );

test('every call has exactly one result right after it, whatever the history holds', async () => {
  await fc.assert(
    fc.asyncProperty(anyHistory, async (messages) => {
      const prompt = await promptOf(new Histories(), messages);
      const { calls, results } = idsOf(prompt);
      expect(results.toSorted()).toEqual(calls.toSorted());
      for (const [index, { role }] of prompt.entries()) {
        if (role === 'tool') expect(['assistant', 'tool']).toContain(prompt[index - 1]?.role);
      }
    }),
  );
});

test('a history that grows gives the same prompt as one that is converted at once', async () => {
  await fc.assert(
    fc.asyncProperty(anyHistory, async (messages) => {
      const grown = new Histories();
      for (let length = 0; length <= messages.length; length++)
        await promptOf(grown, messages.slice(0, length));
      expect(await promptOf(grown, messages)).toEqual(await promptOf(new Histories(), messages));
    }),
  );
});

test('results that were cut since stand in the places of the whole ones', async () => {
  await fc.assert(
    fc.asyncProperty(anyHistory, fc.array(fc.nat(12)), async (messages, places) => {
      const grown = new Histories();
      await promptOf(grown, messages);
      const cut = messages.map((one, index) =>
        one.role === 'tool' && places.includes(index) ? { ...one, content: 'cut' } : one,
      );
      expect(await promptOf(grown, cut)).toEqual(await promptOf(new Histories(), cut));
    }),
  );
});

describe('what is converted once stays', () => {
  const messages = [message('user', 'one'), message('assistant', 'two'), message('user', 'three')];

  test('a turn converts only what is new', async () => {
    let loads = 0;
    const load = (): Promise<Uint8Array> => Promise.resolve(new Uint8Array([++loads]));
    const picture = message('user', 'look', {
      parts: [{ type: 'file', blob_id: 'b', media_type: 'image/png' }],
    });
    const histories = new Histories();
    for (const count of [1, 2, 3]) await histories.of([picture, ...messages].slice(0, count), STYLE, load);
    expect(loads).toBe(1);
  });

  test('a cut result is exchanged without converting the others again', async () => {
    const asked = message('assistant', '', {
      tool_calls: [{ id: 'call', type: 'function', function: { name: 'look', arguments: '{}' } }],
    });
    const result = message('tool', 'all of it', { tool_call_id: 'call' });
    const histories = new Histories();
    const first = await histories.of([...messages, asked, result], STYLE, () =>
      Promise.reject(new Error('none')),
    );
    first.giveBack();
    const cut = [...messages, asked, { ...result, content: 'cut' }];
    const second = await histories.of(cut, STYLE, () => Promise.reject(new Error('none')));
    expect(second).toBe(first);
    expect(second.prompt([]).at(-1)?.content).toMatchObject([{ output: { type: 'text', value: 'cut' } }]);
  });

  test('places that the caller names are exchanged in an array that only grows', async () => {
    const histories = new Histories();
    const result = message('tool', 'all of it', { tool_call_id: 'call' });
    const grown = [
      messages[0] as Message,
      message('assistant', '', { tool_calls: [toolCall('call', 'look')] }),
    ];
    const exchanges: number[] = [];
    const rolesAndResult = async (system: string): Promise<unknown[]> => {
      const history = await histories.of(grown, STYLE, noBlobs, exchanges);
      const prompt = history.prompt([{ role: 'system', content: system }]);
      const seen = prompt.map(({ role, content }) => (role === 'tool' ? content : role));
      history.giveBack();
      return seen;
    };
    const output = (value: string) => [
      { type: 'tool-result', toolCallId: 'call', toolName: 'look', output: { type: 'text', value } },
    ];
    expect(await rolesAndResult('a')).toEqual(['system', 'user', 'assistant', output('No result provided')]);
    grown.push(result, message('user', 'and now'));
    expect(await rolesAndResult('b')).toEqual(['system', 'user', 'assistant', output('all of it'), 'user']);
    grown[2] = { ...result, content: 'cut' };
    exchanges.push(2);
    expect(await rolesAndResult('c')).toEqual(['system', 'user', 'assistant', output('cut'), 'user']);
    expect(await promptOf(histories, grown)).toEqual(await promptOf(new Histories(), grown));
  });

  test('a history whose prompt is in use is not given to another call', async () => {
    const histories = new Histories();
    const first = await histories.of(messages, STYLE, noBlobs);
    const prompt = first.prompt([]);
    expect(await histories.of([...messages, message('user', 'more')], STYLE, noBlobs)).not.toBe(first);
    expect(prompt.length).toBe(3);
  });

  test('an undo, a trimmed start and a replaced message are followed', async () => {
    const histories = new Histories();
    await promptOf(histories, messages);
    expect((await promptOf(histories, messages.slice(0, 2))).length).toBe(2);
    expect((await promptOf(histories, messages.slice(1))).map(({ role }) => role)).toEqual([
      'assistant',
      'user',
    ]);
    await promptOf(histories, messages);
    const edited = [...messages.slice(0, 2), message('user', 'changed')];
    expect((await promptOf(histories, edited)).at(-1)?.content).toEqual([{ type: 'text', text: 'changed' }]);
  });

  test('two calls of one conversation at once do not disturb each other', async () => {
    const histories = new Histories();
    const prompts = await Promise.all(
      [messages, messages.slice(0, 1), messages].map((one) => promptOf(histories, one)),
    );
    expect(prompts.map((prompt) => prompt.length)).toEqual([3, 1, 3]);
  });
});

test('pictures of several results follow after the last of them', async () => {
  const files = [{ type: 'file' as const, blob_id: 'b', media_type: 'image/png' }];
  const history = new History(STYLE);
  const messages = [
    message('user', 'go'),
    message('assistant', '', { tool_calls: [toolCall('a', 'read'), toolCall('b', 'read')] }),
    message('tool', 'one', { tool_call_id: 'a', parts: files }),
    message('tool', 'two', { tool_call_id: 'b', parts: files }),
  ];
  await history.extend(messages, () => Promise.resolve(new Uint8Array([1])));
  expect(history.prompt([]).map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'tool', 'user']);
});
