// A small MCP server, without a package: it answers from a list of words. Node runs it; one message a line, on stdin and stdout.
import { createInterface } from 'node:readline';

const WORDS = {
  seq: 'the number of an event in the log of its session',
  runner: 'where tools act',
};

const TOOLS = [
  {
    name: 'explain',
    description: 'Says what a word of this project means',
    inputSchema: { type: 'object', properties: { word: { type: 'string' } }, required: ['word'] },
    annotations: { readOnlyHint: true },
  },
];

function answer(method, params) {
  if (method === 'initialize') {
    const { protocolVersion } = params;
    return { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'glossary', version: '1' } };
  }
  if (method === 'tools/list') return { tools: TOOLS };
  if (method !== 'tools/call') return {};
  const meaning = WORDS[params.arguments.word];
  const text = meaning ?? `There are: ${Object.keys(WORDS).join(', ')}`;
  return { content: [{ type: 'text', text }], isError: meaning === undefined };
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id !== undefined) console.log(JSON.stringify({ jsonrpc: '2.0', id, result: answer(method, params) }));
});
