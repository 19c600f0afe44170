import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/conversation/commands/table.ts';
import { ERRORS } from '../../src/protocol/errors.ts';
import { decide } from '../../src/runtime/decisions/fold.ts';
import { PROVIDERS } from '../../src/protocol/providers.ts';
import { fileCall, layer, question, shellCall, underDeny } from '../unit/decisions/calls.ts';
import { blocksOf, commandsOf, simpleCommands } from './pages/blocks.ts';
import { allCommands, emptyProgram, faultOf } from './pages/parse-command.ts';
import { runPage } from './pages/run-page.ts';

const root = path.resolve(import.meta.dirname, '../..');
const docs = readdirSync(path.join(root, 'docs')).filter((name) => name.endsWith('.md'));
const pages = ['README.md', 'examples/README.md', ...docs.map((name) => `docs/${name}`)];
const textOf = (page: string): string => readFileSync(path.join(root, page), 'utf8');

const counts = { run: 0, parsed: 0 };
afterAll(() => {
  console.log(
    `pages: ${counts.run} commands run, ${counts.parsed} only parsed (they need a key, or a clone)`,
  );
});

const commandsIn = (page: string, kind: 'run' | 'parse') =>
  blocksOf(textOf(page))
    .filter((block) => block.kind === kind)
    .flatMap((block) => commandsOf(block).map((command) => ({ ...command, word: block.word })));

describe('what a page shows works as it stands', () => {
  const shown = pages.filter((page) => commandsIn(page, 'run').length > 0);
  test.concurrent.each(shown)('%s', { timeout: 180_000 }, async (page) => {
    const ran = await runPage(textOf(page));
    counts.run += ran.length;
    for (const { line, text, code, exit, output } of ran) {
      expect(code, `${page}:${line}: ${text}\n${output}`).toBe(exit);
    }
  });
});

describe('what is only parsed names commands, flags and values that are there', () => {
  const parsed = pages.filter((page) => commandsIn(page, 'parse').length > 0);
  test.each(parsed)('%s', (page) => {
    for (const { line, text, word } of commandsIn(page, 'parse')) {
      counts.parsed += 1;
      expect(['needs-key', 'clone', 'server'], `${page}:${line}`).toContain(word);
      expect(faultOf(text), `${page}:${line}: ${text}`).toBeUndefined();
    }
  });

  test('a misspelt flag, value or script would be found', () => {
    expect(faultOf('git diff | yonder run a.yaml --exek "x"')).toContain("unknown option '--exek'");
    expect(faultOf('yonder --safety careful "x"')).toContain("'careful' is invalid");
    expect(faultOf('yonder sessions show')).toContain('missing required argument');
    expect(faultOf('npm run demmo')).toContain('no script demmo');
    expect(faultOf('yonder "x" # --exek')).toBeUndefined();
  });
});

describe('the reader of pages', () => {
  test('takes exit codes from comments, and leaves quoted text whole', () => {
    const [block] = blocksOf('```sh\n# a word\nyonder x    # exit 3\nyonder "a # exit 4"\n```\n');
    expect(block && commandsOf(block)).toEqual([
      { line: 3, text: 'yonder x', exit: 3 },
      { line: 4, text: 'yonder "a # exit 4"', exit: 0 },
    ]);
    expect(simpleCommands('git diff | yonder --allow "shell:cmd=npm *" -  # note')).toEqual([
      ['git', 'diff'],
      ['yonder', '--allow', 'shell:cmd=npm *', '-'],
    ]);
  });

  test('sees a command that ends otherwise than the page says', async () => {
    const [ran] = await runPage('```sh\nyonder version    # exit 2\n```\n');
    expect(ran).toMatchObject({ code: 0, exit: 2 });
  });
});

test('every link to a page or a heading leads somewhere', () => {
  const faults = pages.flatMap((page) =>
    [...textOf(page).matchAll(/\]\((?!https?:)([^)#]*)(#[^)]*)?\)/g)].flatMap(
      ([link, file = '', heading]) => {
        const target = file === '' ? page : path.join(path.dirname(page), file);
        if (!existsSync(path.join(root, target))) return [`${page}: ${link}`];
        const missing = heading !== undefined && !headings(target).includes(heading.slice(1));
        return missing ? [`${page}: ${link}`] : [];
      },
    ),
  );
  expect(faults).toEqual([]);
});

/** As the usual renderers make anchors of them. */
function headings(page: string): string[] {
  return [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

test('the index of docs/ names every page', () => {
  const index = textOf('docs/README.md');
  expect(docs.filter((name) => name !== 'README.md' && !index.includes(`(${name})`))).toEqual([]);
});

test('commands.md names every command and every flag, and no other', () => {
  const page = textOf('docs/commands.md');
  const commands = allCommands(emptyProgram());
  const flags = commands.flatMap((command) => command.options.map(({ long }) => long ?? ''));
  expect(
    [...new Set(flags)].filter((flag) => !page.includes(`\`${flag}`) && !page.includes(`, \`${flag}`)),
  ).toEqual([]);
  const paths = commands.map((command) =>
    command.parent?.parent ? `${command.parent.name()} ${command.name()}` : command.name(),
  );
  expect(paths.filter((name) => !page.replaceAll(/[[\]]/g, '').includes(name))).toEqual([]);
  const slashes = COMMANDS.map(({ name, usage }) => `/${name} ${usage}`.trim());
  expect(slashes.filter((usage) => !page.replaceAll('\\|', '|').includes(`| \`${usage}\` |`))).toEqual([]);
  const named = [...page.matchAll(/`(?:-\w`, `)?(--[a-z-]+)/g)].map(([, flag = '']) => flag);
  expect(named.filter((flag) => !flags.includes(flag) && flag !== '--help')).toEqual([]);
});

test('models-and-keys.md names every provider with its variable', () => {
  const page = textOf('docs/models-and-keys.md');
  for (const [name, facts] of Object.entries(PROVIDERS)) {
    expect(page).toContain(`\`${name}\``);
    if ('token_key' in facts && !('later' in facts))
      expect(page).toMatch(new RegExp(`\`${name}\`.*\`${facts.token_key}\``));
  }
});

test('exit-codes.md says of errors what the table of errors says', () => {
  const rows = [...textOf('docs/exit-codes.md').matchAll(/^\| `(\w+)` \| (\d+) \| /gm)];
  expect(rows.length).toBeGreaterThan(8);
  const table: Readonly<Record<string, { exit: number } | undefined>> = ERRORS;
  for (const [, code = '', exit] of rows) expect(table[code]?.exit, code).toBe(Number(exit));
});

describe('permissions.md: patterns match what the page says', async () => {
  const rows = [...textOf('docs/permissions.md').matchAll(/^\| `((?:[^`])+)` \| (`.*`) \| (`.*`) \|$/gm)];
  const examples = (cell: string) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text.replaceAll('\\|', '|'));

  test.each(
    rows.map(([, pattern = '', yes = '', no = '']) => ({ pattern, yes: examples(yes), no: examples(no) })),
  )('$pattern', async ({ pattern, yes, no }) => {
    for (const example of yes) expect(await allowed(pattern, example), example).toBe(true);
    for (const example of no) expect(await allowed(pattern, example), example).toBe(false);
  });

  test('there are some', () => expect(rows.length).toBeGreaterThan(8));
});

test('permissions.md: what a deny of git push finds, and what it cannot judge', async () => {
  const page = textOf('docs/permissions.md');
  for (const line of ['cd x && /usr/bin/git push', 'sudo git push']) {
    expect(page).toContain(`\`${line}\``);
    expect((await underDeny(line, 'shell:cmd=git push *')).decision).toBe('deny');
  }
  expect(page).toContain('`eval "$x"`');
  expect(await underDeny('eval "$x"', 'shell:cmd=git push *')).toMatchObject({
    decision: 'ask',
    required: true,
  });
});

/** Under `strict` only the rule can be what lets it run. */
async function allowed(pattern: string, example: string): Promise<boolean> {
  const [tool = '', file = ''] = example.split(' ');
  const isFile = /_file$|^list_directory$/.test(tool);
  const call = isFile
    ? fileCall(tool, file, /^(?:edit|write)/.test(tool) ? 'write' : 'read')
    : await shellCall(example);
  const layers = [layer('user', { allow: [pattern] })];
  return decide(question(call, { layers, mode: 'strict' })).decision === 'allow';
}
