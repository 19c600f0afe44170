/** What a fenced block is to the tests, by its info line. */
export type BlockKind = 'run' | 'parse' | 'file';

export interface Block {
  kind: BlockKind;
  /** `needs-key` or `clone` of a block that is only parsed, the name of a file. */
  word: string;
  /** Line of the page, from 1, of the first line inside. */
  line: number;
  text: string;
}

export interface PageCommand {
  line: number;
  /** As a person types it, without the comment about its exit code. */
  text: string;
  exit: number;
}

const FENCE = /^```(\w*)[ \t]*(.*)$/;

/** The fenced blocks of a page that mean something to the tests; others (plain text, JSON ...) are left out. */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  const lines = page.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const [, language, word = ''] = FENCE.exec(lines[index] ?? '') ?? [];
    if (language === undefined) continue;
    const begin = index + 1;
    do index += 1;
    while (index < lines.length && lines[index] !== '```');
    if (index === lines.length) throw new SyntaxError(`line ${begin}: the block is never closed`);
    const kind = kindOf(language, word.trim());
    if (kind === undefined) continue;
    blocks.push({ kind, word: word.trim(), line: begin + 1, text: lines.slice(begin, index).join('\n') });
  }
  return blocks;
}

function kindOf(language: string, word: string): BlockKind | undefined {
  if (language === 'sh') return word === '' ? 'run' : 'parse';
  return language === 'yaml' && word !== '' ? 'file' : undefined;
}

/** The commands of a `sh` block, one for each line. `# exit 3` at the end names the exit code; a comment alone is no command. */
export function commandsOf(block: Block): PageCommand[] {
  return block.text.split('\n').flatMap((line, index) => {
    const [, text = '', code = '0'] = /^(.*?)(?:\s+# exit (\d+))?$/.exec(line.trim()) ?? [];
    if (text === '' || text.startsWith('#')) return [];
    return [{ line: block.line + index, text, exit: Number(code) }];
  });
}

/** The words of each simple command of a line: quotes are taken off, and a comment, a pipe, `&&`, `;` or a redirection ends one. */
export function simpleCommands(line: string): string[][] {
  const commands: string[][] = [[]];
  for (const [token] of line.matchAll(
    /"[^"]*"|'[^']*'|#.*$|&&|\|\|?|;|[<>]+|[^\s"'|;&<>#]+(?:"[^"]*")?|\S/g,
  )) {
    if (token.startsWith('#')) break;
    if (/^(?:&&|\|\|?|;|[<>]+)$/.test(token)) commands.push([]);
    else commands.at(-1)?.push(token.replace(/^(["'])(.*)\1$/s, '$2'));
  }
  return commands.filter((words) => words.length > 0);
}
