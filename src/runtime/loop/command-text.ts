import { YonderError } from '../../protocol/errors.ts';
import {
  isCommandLine,
  parseCommand,
  type CommandTemplate,
  type TemplateCall,
  type TemplatePart,
} from '../../team/command-template.ts';

export interface CommandInput {
  args: readonly string[];
  variable: (name: string) => string | undefined;
}

export interface CommandCall {
  tool: string;
  args: Record<string, unknown>;
}

/**
 * A team's command with what a person typed (R32). Each value is put in once and is never looked through; in a command line it is quoted, so that it is words and
 * nothing else. Throws `invalid_request` for an argument that is missing, `env_missing` for a variable.
 */
export class CommandText {
  readonly #template: CommandTemplate;
  readonly #input: CommandInput;

  constructor(instruction: string, input: CommandInput) {
    this.#template = parseCommand(instruction);
    this.#input = input;
  }

  /** What is called for its result, in the order of the text. */
  calls(): CommandCall[] {
    return this.#template
      .filter((part) => part.kind === 'call')
      .map((call) => ({
        tool: call.tool,
        args: Object.fromEntries(
          call.args.map(({ name, value }) => [name, this.#argument(call, name, value)]),
        ),
      }));
  }

  /** The message, with the results of `calls()`. What was typed and has no place in it stands at its end. */
  text(results: readonly string[]): string {
    let called = 0;
    const text = this.#template
      .map((part) => {
        if (part.kind !== 'call') return this.#plain(part);
        const result = results[called] ?? '';
        called += 1;
        return result;
      })
      .join('');
    const { args } = this.#input;
    return args.length === 0 || this.#takesArguments() ? text : `${text.trimEnd()}\n\n${args.join(' ')}`;
  }

  #takesArguments(): boolean {
    const takes = (part: TemplatePart): boolean => part.kind === 'argument' || part.kind === 'arguments';
    return this.#template.some((part) =>
      part.kind === 'call'
        ? part.args.some(({ value }) => Array.isArray(value) && value.some(takes))
        : takes(part),
    );
  }

  #argument(call: TemplateCall, name: string, value: TemplateCall['args'][number]['value']): unknown {
    if (!Array.isArray(value)) return value;
    const isLine = isCommandLine(call.tool, name);
    return value.map((part) => (isLine ? this.#word(part) : this.#plain(part))).join('');
  }

  #plain(part: TemplatePart): string {
    const { args } = this.#input;
    switch (part.kind) {
      case 'text':
        return part.text;
      case 'arguments':
        return args.join(part.separator);
      case 'argument':
        return this.#given(part.index);
      case 'variable':
        return this.#variable(part.name);
    }
  }

  /** The same as words of a command line. */
  #word(part: TemplatePart): string {
    const { args } = this.#input;
    if (part.kind === 'text') return part.text;
    if (part.kind !== 'arguments' || part.separator.trim() !== '') return quoted(this.#plain(part));
    return args.map((argument) => quoted(argument)).join(' ');
  }

  #given(index: number): string {
    const found = this.#input.args[index];
    if (found !== undefined) return found;
    throw new YonderError(
      'invalid_request',
      `this command takes ${index + 1} ${index === 0 ? 'argument' : 'arguments'} or more, and got ${this.#input.args.length}`,
    );
  }

  #variable(name: string): string {
    const found = this.#input.variable(name);
    if (found !== undefined) return found;
    throw new YonderError('env_missing', `this command needs the variable ${name}, which is not set`);
  }
}

/** One word of a POSIX shell, whatever is in it. */
function quoted(text: string): string {
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
