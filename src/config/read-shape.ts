import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';
import { YonderError } from '../protocol/errors.ts';
import { suggestion } from '../protocol/nearest.ts';
import type { Finding, Place, Shape } from './shape.ts';

/** A file as it was read: values by the table's keys, and where each stands. */
export interface ReadFile {
  /** Only what the table lets through; a key that is empty is absent. */
  value: Record<string, unknown>;
  /** By path, e.g. `settings.snapshot`; a name with a dot in it stands as it is. */
  places: ReadonlyMap<string, Place>;
}

const MAX_SHOWN = 10;

/** Reads a text by a table. Throws `invalid_request` with `file:line:column` and what to do, a line for each fault (at most 10). */
export function readShape(file: string, text: string, shape: Shape): ReadFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const reader = new Reader(document, lines);
  for (const fault of [...document.errors, ...document.warnings]) {
    reader.fault(fault.pos[0], fault.message.trim());
  }
  const value = reader.findings.length > 0 ? undefined : reader.read(document.contents, shape, '');
  if (reader.findings.length > 0) throw faultsOf(file, reader.findings);
  // The table above is the check of what came from outside.
  return { value: (value ?? {}) as Record<string, unknown>, places: reader.places };
}

/** All that is wrong with a text of configuration. */
export class FaultyConfigError extends YonderError {
  readonly findings: readonly Finding[];

  constructor(message: string, findings: readonly Finding[]) {
    super('invalid_request', message);
    this.findings = findings;
  }
}

/** One error for all that is wrong with a file. */
export function faultsOf(file: string, findings: readonly Finding[]): FaultyConfigError {
  const shown = findings
    .slice(0, MAX_SHOWN)
    .map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`);
  const more = findings.length > MAX_SHOWN ? [`and ${findings.length - MAX_SHOWN} more`] : [];
  return new FaultyConfigError([...shown, ...more].join('\n'), findings);
}

class Reader {
  readonly findings: Finding[] = [];
  readonly places = new Map<string, Place>();
  readonly #document: Document;
  readonly #lines: LineCounter;

  constructor(document: Document, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  fault(offset: number, message: string): void {
    this.findings.push({ ...this.#placeAt(offset), message });
  }

  #placeAt(offset: number): Place {
    const { line, col } = this.#lines.linePos(offset);
    return { line, column: col };
  }

  read(given: unknown, shape: Shape, path: string, at = 0): unknown {
    const node = isAlias(given) ? given.resolve(this.#document) : given;
    const offset = offsetOf(given) ?? at;
    if (path !== '') this.places.set(path, this.#placeAt(offset));
    const value = isScalar(node) ? node.value : undefined;
    const isEmpty = node === null || node === undefined || (isScalar(node) && value === null);
    switch (shape.kind) {
      case 'keys':
        if (isEmpty)
          return shape.required === undefined ? {} : this.#wrong(offset, path, 'must be a mapping');
        if (shape.short !== undefined && typeof value === 'string') return { [shape.short]: value };
        return this.#readKeys(node, shape, path, offset);
      case 'each':
        return isEmpty ? {} : this.#readEach(node, shape, path, offset);
      case 'value':
        return isEmpty ? undefined : this.#readValue(node, shape, path, offset);
      case 'texts':
        return isEmpty ? [] : this.#readTexts(node, shape, path, offset);
      default:
        return isEmpty
          ? this.#wrong(offset, path, 'is empty; write a value, or take the line out')
          : this.#readScalar(value, shape, path, offset);
    }
  }

  #wrong(offset: number, path: string, message: string): undefined {
    this.fault(offset, `${path === '' ? 'the file' : path} ${message}`);
  }

  #readScalar(
    value: unknown,
    shape: Extract<Shape, { kind: 'text' | 'boolean' | 'choice' }>,
    path: string,
    offset: number,
  ): unknown {
    if (shape.kind === 'boolean') {
      return typeof value === 'boolean' ? value : this.#wrong(offset, path, 'must be true or false');
    }
    if (typeof value !== 'string') return this.#wrong(offset, path, 'must be a text; put it in quotes');
    if (shape.kind === 'choice') {
      if (shape.values.includes(value)) return value;
      return this.#wrong(offset, path, `must be one of ${shape.values.join(', ')}, not "${value}"`);
    }
    const problem = value === '' ? 'is empty; write a value, or take the line out' : shape.check?.(value);
    return problem === undefined ? value : this.#wrong(offset, path, problem);
  }

  #readValue(node: unknown, shape: Extract<Shape, { kind: 'value' }>, path: string, offset: number): unknown {
    if (!isCollection(node)) return this.#wrong(offset, path, 'must be a mapping, key: value');
    const value: unknown = node.toJS(this.#document);
    for (const fault of shape.check(value)) {
      const at = fault.path.findLastIndex(
        (_, index) => offsetOf(node.getIn(fault.path.slice(0, index + 1), true)) !== undefined,
      );
      const found = at === -1 ? node : node.getIn(fault.path.slice(0, at + 1), true);
      const where = fault.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
      this.#wrong(offsetOf(found) ?? offset, `${path}${where}`, fault.message);
    }
    return value;
  }

  #readTexts(node: unknown, shape: Extract<Shape, { kind: 'texts' }>, path: string, offset: number): unknown {
    const item = { kind: 'text', ...(shape.check === undefined ? {} : { check: shape.check }) } as const;
    if (shape.single === true && isScalar(node)) return [this.#readScalar(node.value, item, path, offset)];
    if (!isSeq(node)) return this.#wrong(offset, path, 'must be a list of texts');
    return node.items.map((entry, index) => this.read(entry, item, `${path}[${index}]`, offset));
  }

  #readEach(
    node: unknown,
    shape: Extract<Shape, { kind: 'each' }>,
    path: string,
    offset: number,
  ): Record<string, unknown> | undefined {
    const read: [string, unknown][] = [];
    for (const { name, value, at } of this.#entries(node, path, offset)) {
      const problem = shape.checkName?.(name);
      if (problem !== undefined) this.fault(at, problem);
      read.push([name, this.read(value, shape.of, below(path, name), at)]);
      this.places.set(below(path, name), this.#placeAt(at));
    }
    return Object.fromEntries(read);
  }

  #readKeys(
    node: unknown,
    shape: Extract<Shape, { kind: 'keys' }>,
    path: string,
    offset: number,
  ): Record<string, unknown> {
    const read: [string, unknown][] = [];
    const entries = this.#entries(node, path, offset);
    for (const { name, value, at } of entries) {
      const known = Object.hasOwn(shape.keys, name) ? shape.keys[name] : undefined;
      const full = below(path, name);
      if (known === undefined) {
        const hint = Object.hasOwn(shape.hints ?? {}, name) ? shape.hints?.[name] : undefined;
        const there = `; there ${Object.keys(shape.keys).length === 1 ? 'is' : 'are'} ${Object.keys(shape.keys).join(', ')}`;
        const near = suggestion(name, Object.keys(shape.keys));
        this.fault(at, `unknown key ${full}${hint === undefined ? near || there : `; ${hint}`}`);
        continue;
      }
      read.push([name, this.read(value, known, full, at)]);
      this.places.set(full, this.#placeAt(at));
    }
    for (const name of shape.required ?? []) {
      if (isMap(node) && !entries.some((entry) => entry.name === name))
        this.fault(offset, `${path} has no ${name}; write ${name}: ...`);
    }
    return Object.fromEntries(read);
  }

  #entries(node: unknown, path: string, offset: number): { name: string; value: unknown; at: number }[] {
    if (!isMap(node)) {
      this.#wrong(offset, path, 'must be a mapping, key: value');
      return [];
    }
    return node.items.flatMap(({ key, value }) => {
      const at = offsetOf(key) ?? offset;
      if (isScalar(key) && typeof key.value === 'string') return [{ name: key.value, value, at }];
      this.#wrong(at, path, 'has a key that is no text; put it in quotes');
      return [];
    });
  }
}

function below(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function offsetOf(node: unknown): number | undefined {
  // Every node of a parsed document has a range; what is not a node has none.
  return typeof node === 'object' && node !== null && 'range' in node ? (node as Node).range?.[0] : undefined;
}
