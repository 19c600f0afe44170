import { createInterface } from 'node:readline';

/** How a server goes wrong; true where it then works all the same. */
export async function prepare(behaviour: string, note: (line: string) => void): Promise<boolean> {
  switch (behaviour) {
    case 'exits':
      process.stderr.write('no licence found\n');
      process.exitCode = 4;
      return false;
    case 'chats':
      process.stdout.write('Welcome to the fixture!\n');
      return true;
    case 'silent':
      process.stdin.resume();
      return false;
    case 'many':
    case 'twins':
    case 'odd':
      answerWith(TOOLS[behaviour](), note);
      return false;
    default:
      return true;
  }
}

const tool = (name: string, inputSchema: unknown = { type: 'object' }) => ({ name, inputSchema });

const TOOLS = {
  many: () => Array.from({ length: 10_000 }, (_, index) => tool(`tool_${index}`)),
  twins: () => [tool('same'), tool('same'), tool('other')],
  odd: () => [
    tool('combined', {
      type: 'object',
      oneOf: [{ required: ['a'] }, { required: ['b'] }],
      properties: { a: { $ref: '#/$defs/a' }, b: { type: 'array' } },
      required: ['nothing'],
      $defs: { a: { type: 'string', description: 'from a reference' } },
    }),
    tool('named', { type: 'object', properties: { 'a b!': { type: 'string' } } }),
    tool('nested', { type: 'object', properties: { self: { $ref: '#' } } }),
  ],
};

/** A server by hand, for what the package would not let one say. */
function answerWith(tools: unknown[], note: (line: string) => void): void {
  const answers: Record<string, unknown> = {
    initialize: {
      protocolVersion: '2025-06-18',
      capabilities: { tools: {} },
      serverInfo: { name: 'by-hand', version: '1' },
    },
    'tools/list': { tools },
    'tools/call': { content: [{ type: 'text', text: 'done' }] },
  };
  createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method } = JSON.parse(line) as { id?: number; method: string };
    note(method);
    if (id === undefined) return;
    process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result: answers[method] ?? {} })}\n`);
  });
}
