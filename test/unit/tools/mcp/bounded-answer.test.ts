import { expect, test } from 'vitest';
import { boundedAnswer } from '../../../../src/tools/mcp/bounded-answer.ts';

function answer(type: string, pieces: readonly string[]): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
  return new Response(body, { headers: { 'content-type': type } });
}

test('a message that is too long breaks the answer with words; many short ones in a stream do not', async () => {
  const flood = boundedAnswer(answer('application/json', ['12345678', '12345678']), 'a.example', 10);
  await expect(flood.text()).rejects.toThrow('a.example sends a message of more than 10 bytes');
  const lines = ['data: 1\n\n', 'data: 2\n\n', 'data: 3\n\n'];
  expect(await boundedAnswer(answer('text/event-stream', lines), 'a.example', 10).text()).toBe(
    lines.join(''),
  );
  const endless = boundedAnswer(
    answer('text/event-stream', ['data: 1\n', 'data: 2222', '3333']),
    'a.example',
    10,
  );
  await expect(endless.text()).rejects.toMatchObject({ code: 'payload_too_large' });
});
