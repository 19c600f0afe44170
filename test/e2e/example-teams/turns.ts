import type { ScriptedCall, ScriptedTurn } from '../../../src/testing/model-server/script.ts';

const call = (name: string, args: Record<string, unknown>): ScriptedCall => ({ name, arguments: args });
const read = (path: string): ScriptedCall => call('read_file', { path });
const shell = (cmd: string): ScriptedCall => call('shell', { cmd });
const edit = (path: string, oldText: string, newText: string): ScriptedCall =>
  call('edit_file', { path, edits: [{ oldText, newText }] });
const write = (path: string, content: string): ScriptedCall => call('write_file', { path, content });
const give = (agent: string, task: string): ScriptedCall => call('transfer_task', { agent, task });
const done = (id: string): { id: string; status: string } => ({ id, status: 'completed' });

/** Tokens as a run of this size would have them, so that prices and totals look real. */
const priced = (turns: ScriptedTurn[]): ScriptedTurn[] =>
  turns.map((turn, index) => ({ usage: { input: 900 + 350 * index, output: 60 }, ...turn }));

export const MCP = priced([
  { tool_calls: [call('glossary_explain', { word: 'runner' }), call('glossary_explain', { word: 'team' })] },
  { text: 'A runner is where tools act; the glossary has no word for team.' },
]);

export const AUTO = priced([
  { tool_calls: [shell('printenv LC_ALL')] },
  { text: 'Commands run with LC_ALL=C here; the team file says so.' },
]);

export const CODER_PAIR = priced([
  {
    text: 'I look at the function and its test.',
    tool_calls: [
      call('create_todos', { descriptions: ['Mend countWords', 'Have it tested'] }),
      read('count.js'),
      read('count.test.js'),
    ],
  },
  {
    text: 'It splits at blanks alone; the end of a line is none.',
    tool_calls: [edit('count.js', "split(' ')", 'split(/\\s+/)'), shell('node --test count.test.js')],
  },
  {
    tool_calls: [
      call('update_todos', { updates: [done('todo_1')] }),
      give(
        'tester',
        'countWords in count.js was wrong for several lines and now splits at /\\s+/. Try to break it.',
      ),
    ],
  },
  { tool_calls: [read('count.js'), shell('node --test count.test.js')] },
  {
    text: "The tests pass, but an empty text counts as one word: ''.split(/\\s+/) is ['']. A text that ends with a line end counts one too many for the same reason.",
  },
  {
    text: 'The tester is right: empty pieces must not count.',
    tool_calls: [
      edit('count.js', 'split(/\\s+/).length', "split(/\\s+/).filter((word) => word !== '').length"),
      shell('node --test count.test.js'),
      call('update_todos', { updates: [done('todo_2')] }),
    ],
  },
  {
    text: 'countWords now splits at every kind of blank and does not count empty pieces. The tests pass; the tester found the empty text, which is mended too.',
  },
]);

const DOCUMENTED =
  '# wordcount\n\nCounts the words of a text.\n\n    node main.js notes.txt\n\nPrints one line: the file and its number of words. Without a file it takes `notes.txt`.\n';

export const DOCS_WRITER = priced([
  { tool_calls: [read('main.js'), read('README.md')] },
  { tool_calls: [write('README.md', DOCUMENTED), write('main.js', '// Prints the number of words.\n')] },
  {
    text: 'README.md now says what main.js prints, and what it takes without a file. A comment in main.js was refused by a rule, so the code is as it was.',
  },
]);

export const HELLO = priced([
  { text: 'I look.', tool_calls: [read('README.md'), shell('ls')] },
  { text: 'Hello! README.md says what this folder is for, and the listing shows what lies beside it.' },
]);

export const PERMISSIONS = priced([
  { tool_calls: [shell('git status --short')] },
  { tool_calls: [shell('git commit -am "Say more in the notes"')] },
  { tool_calls: [shell('git push')] },
  {
    text: 'Nothing was committed: that needs a yes, and nobody was there to give it. Pushing is refused by a rule of this team.',
  },
]);

export const REVIEWER = priced([
  {
    tool_calls: [
      call('read_multiple_files', { paths: ['count.js', 'main.js'] }),
      call('search_files_content', { path: '.', query: 'countWords' }),
    ],
  },
  { tool_calls: [write('count.js', 'export function countWords() {}\n')] },
  {
    text: "count.js, line 3: split(' ') takes a blank alone as the end of a word, so 'one\\ntwo' counts as one word. Split at /\\s+/ and leave out empty pieces.",
  },
]);

export const SUB_AGENTS = priced([
  {
    tool_calls: [
      give('reader', 'Read README.md and say in two sentences what this folder is for.'),
      give('counter', 'Count the words of notes.txt.'),
    ],
  },
  { tool_calls: [read('README.md')] },
  { text: 'A small program that counts the words of a text. It is run as node main.js with a file.' },
  { tool_calls: [shell('wc -w notes.txt')] },
  { text: '11, by wc -w notes.txt.' },
  { text: 'This folder holds a program that counts words, and notes.txt has 11 of them.' },
]);

export const THINK = priced([
  { tool_calls: [read('main.js')] },
  {
    tool_calls: [
      call('think', {
        thought: 'Sure: main.js prints what countWords gives. Supposed: it splits at blanks.',
      }),
      read('count.js'),
    ],
  },
  {
    tool_calls: [
      call('think', { thought: 'Sure now: split at single blanks, so a line end joins two words into one.' }),
    ],
  },
  {
    text: 'main.js reads the file and prints the number that countWords gives. That function cuts the text at single blanks and counts the pieces, so two words with a line end between them count as one.',
  },
]);

export const ASK = priced([
  {
    tool_calls: [
      call('user_prompt', {
        title: 'The greeting',
        message: 'Which language, and which tone?',
        schema: {
          type: 'object',
          properties: {
            language: { type: 'string', title: 'Language' },
            tone: { type: 'string', enum: ['friendly', 'formal'], default: 'friendly' },
          },
          required: ['language'],
        },
      }),
    ],
  },
  { tool_calls: [write('greeting.txt', 'Hello, good to see you!\n')] },
  { text: 'Nobody answered, so I chose English and friendly: greeting.txt.' },
]);

export const TODO = priced([
  { tool_calls: [call('create_todos', { descriptions: ['Write bonjour.txt', 'Write hola.txt'] })] },
  { tool_calls: [write('bonjour.txt', 'Bonjour !\n'), call('update_todos', { updates: [done('todo_1')] })] },
  { tool_calls: [write('hola.txt', '¡Hola!\n'), call('update_todos', { updates: [done('todo_2')] })] },
  { tool_calls: [call('list_todos', {})] },
  { text: 'Both are done: bonjour.txt and hola.txt.' },
]);

/** The answers of the two agents of model-providers.yaml that name one model each. */
export const QUICK: ScriptedTurn[] = [
  { text: 'A cassette is a recording of what was said to a model and back.' },
];
export const DEEP: ScriptedTurn[] = [
  {
    reasoning: 'The word is borrowed from tape.',
    text: 'A cassette holds the traffic with a model, so that a run can be played again without a key.',
  },
];
export const LOCAL: ScriptedTurn[] = [{ text: 'A cassette replays what a model once said.' }];

export const SKILLS = priced([
  { tool_calls: [call('read_skill', { name: 'changelog' })] },
  { tool_calls: [call('read_skill_file', { skill_name: 'changelog', path: 'form.md' })] },
  {
    text: 'A second pair of eyes, by the same skill.',
    tool_calls: [
      call('run_skill', {
        name: 'changelog',
        task: 'Judge this entry: **Counting**: wordcount counts the words of a text.',
      }),
    ],
  },
  { tool_calls: [read('README.md'), write('CHANGELOG.md', 'not by this skill')] },
  { text: 'It has the form, and README.md says the same.' },
  { text: '- **Counting**: wordcount counts the words of a text.' },
]);

export const HOOKS = priced([
  { tool_calls: [write('notes.txt', 'Two blanks follow this line.  \n')] },
  { tool_calls: [write('settings.env', `KEY=AKIA${'EXAMPLE7'.repeat(2)}\n`)] },
  { tool_calls: [shell('git push origin main')] },
  { text: 'notes.txt is written; it is for you to push it.' },
]);

export const DEMO = priced([
  {
    text: 'I look at what is here.',
    tool_calls: [call('list_directory', { path: '.' }), read('slug.js'), read('slug.test.js')],
  },
  { text: 'Now I want to see it fail.', tool_calls: [shell('node slug.test.js')] },
  {
    text: '`replace` with a text takes the first blank alone. I change that one line.',
    tool_calls: [edit('slug.js', "replace(' ', '-')", "replaceAll(' ', '-')")],
  },
  { text: 'And the test again.', tool_calls: [shell('node slug.test.js')] },
  {
    text: 'It passes. The reviewer looks at it now.',
    tool_calls: [
      give(
        'reviewer',
        'slugify in slug.js replaced only the first blank by a hyphen; it now uses replaceAll. The test passes. Is the change right, and does anything else speak of the old way?',
      ),
    ],
  },
  { tool_calls: [read('slug.js'), call('search_files_content', { path: '.', query: 'blank' })] },
  {
    text: 'The change is right. README.md still says that the first blank becomes a hyphen; it should say each blank.',
  },
  {
    text: 'True, that sentence is old.',
    tool_calls: [edit('README.md', 'The first blank becomes', 'Each blank becomes')],
  },
  {
    text: 'slugify left every blank but the first as it was. It now replaces all of them, the test passes, and README.md says so too, as the reviewer asked.',
  },
]);
