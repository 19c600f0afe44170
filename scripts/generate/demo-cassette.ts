import { scriptCassette } from '../../src/testing/model-server/script-cassette.ts';
import type { ScriptedTurn } from '../../src/testing/model-server/script.ts';

/** The messages that `yonder demo` sends; the answers below are written for them. */
const turns: ScriptedTurn[] = [
  {
    text: 'I will look around first.\n',
    tool_calls: [
      { name: 'list_directory', arguments: { path: '.' } },
      { name: 'read_file', arguments: { path: 'README.txt' } },
      { name: 'read_file', arguments: { path: 'greet.sh' } },
    ],
  },
  {
    text: 'The script prints the word "nmae" and not the variable. I mend that.\n',
    tool_calls: [
      {
        name: 'edit_file',
        arguments: {
          path: 'greet.sh',
          edits: [{ oldText: 'echo "Hello, nmae!"', newText: 'echo "Hello, ${name}!"' }],
        },
      },
    ],
  },
  { text: 'Now I try it.\n', tool_calls: [{ name: 'shell', arguments: { cmd: 'sh greet.sh' } }] },
  {
    text: 'It works. The checker has the last word.\n',
    tool_calls: [
      {
        name: 'transfer_task',
        arguments: {
          agent: 'checker',
          task: 'Read greet.sh and say whether it greets the name that it is given, and everybody without one.',
          expected_output: 'One sentence.',
        },
      },
    ],
  },
  { tool_calls: [{ name: 'read_file', arguments: { path: 'greet.sh' } }] },
  { text: 'Yes: it greets the name that it is given, and "everybody" without one.' },
  {
    text: 'Done. greet.sh printed a misspelt word in place of its variable; it now says "Hello, everybody!". I ran it, and the checker read it and agrees.',
  },
];

/** The committed cassette of `yonder demo`; matched by order, so that it plays in any folder. */
export function demoCassette(): string {
  return scriptCassette(turns, { api: 'openai_chatcompletions', model: 'gpt-4o-mini' });
}
