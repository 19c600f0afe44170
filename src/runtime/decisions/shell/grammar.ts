import { setFlagsFromString } from 'node:v8';
import type { Parser } from 'web-tree-sitter';
import { YonderError } from '../../../protocol/errors.ts';

/** The bytes of the two WebAssembly files that the grammar needs. */
export interface GrammarFiles {
  /** `web-tree-sitter.wasm`: the parser. */
  parser: Uint8Array;
  /** `tree-sitter-bash.wasm`: the grammar. */
  bash: Uint8Array;
}

/** A node of a parsed line, copied out of the parser's memory. */
export interface SyntaxNode {
  type: string;
  named: boolean;
  start: number;
  end: number;
  text: string;
  children: SyntaxNode[];
}

/** Longer or deeper lines are not judged: they count as not parsed. */
const MAX_LENGTH = 65_536;
const MAX_DEPTH = 200;

/**
 * V8 optimises a WebAssembly function that has used up its budget (in bytes of code executed). The grammar's largest function uses up
 * the default with the first line, and optimising it takes a second and 700 MB, for which a process that ends waits; it parses no
 * faster for it. With the largest budget that is only so after some hundred lines.
 */
const LARGEST_BUDGET = 2 ** 31 - 1;
const DEFAULT_BUDGET = 13_000_000;

/** The grammar of shell lines, loaded at its first use and kept for the life of the process. */
export class ShellGrammar {
  readonly #loadFiles: () => Promise<GrammarFiles>;
  #parser: Promise<Parser> | undefined;
  #loads = 0;

  constructor(loadFiles: () => Promise<GrammarFiles>) {
    this.#loadFiles = loadFiles;
  }

  /** How often the grammar was loaded: 0 as long as every line was of plain words, else 1 unless loading failed. */
  get loads(): number {
    return this.#loads;
  }

  /** The tree of a line; `undefined` where the grammar finds a fault in it, or it is too long or too deep. */
  async parse(source: string): Promise<SyntaxNode | undefined> {
    if (source.length > MAX_LENGTH || source.includes('\0')) return undefined;
    this.#parser ??= this.#load();
    const parser = await this.#parser.catch((error: unknown) => {
      this.#parser = undefined;
      throw new YonderError('internal', 'The grammar that judges shell commands could not be loaded.', {
        cause: error,
      });
    });
    const tree = parser.parse(source);
    if (tree === null) return undefined;
    try {
      return tree.rootNode.hasError ? undefined : copyNode(tree.rootNode, 0);
    } finally {
      tree.delete();
    }
  }

  async #load(): Promise<Parser> {
    this.#loads += 1;
    const [treeSitter, files] = await Promise.all([import('web-tree-sitter'), this.#loadFiles()]);
    // A module keeps the budget that was set when it was compiled.
    setBudget(LARGEST_BUDGET);
    try {
      await treeSitter.Parser.init({ wasmBinary: files.parser });
      const parser = new treeSitter.Parser();
      parser.setLanguage(await treeSitter.Language.load(files.bash));
      return parser;
    } finally {
      setBudget(DEFAULT_BUDGET);
    }
  }
}

function setBudget(bytes: number): void {
  setFlagsFromString(`--wasm-tiering-budget=${bytes}`);
}

interface ForeignNode {
  type: string;
  isNamed: boolean;
  isMissing: boolean;
  startIndex: number;
  endIndex: number;
  text: string;
  children: (ForeignNode | null)[];
}

function copyNode(node: ForeignNode, depth: number): SyntaxNode | undefined {
  if (depth > MAX_DEPTH || node.isMissing) return undefined;
  const children: SyntaxNode[] = [];
  for (const child of node.children) {
    if (child === null) continue;
    const copied = copyNode(child, depth + 1);
    if (copied === undefined) return undefined;
    children.push(copied);
  }
  const { type, isNamed: named, startIndex: start, endIndex: end, text } = node;
  return { type, named, start, end, text, children };
}
