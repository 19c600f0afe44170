/** What stands at a place of a configuration file. The tables that are made of these are what is read, checked and documented. */
export type Shape =
  /** `check` gives what is wrong with a value, with what to do; undefined when nothing is. */
  | { kind: 'text'; check?: (value: string) => string | undefined }
  | { kind: 'boolean' }
  | { kind: 'choice'; values: readonly string[] }
  /** A list of texts; `single`: one text stands for a list of one. */
  | { kind: 'texts'; single?: boolean; check?: (value: string) => string | undefined }
  /** Anything; `check` gives what is wrong with it and where, as the path of keys below it. */
  | { kind: 'value'; check: (value: unknown) => { path: readonly (string | number)[]; message: string }[] }
  /** Names of the person's own, each with the same below. */
  | { kind: 'each'; of: Shape; checkName?: (name: string) => string | undefined }
  /** `short`: a text alone stands for a mapping with this one key. `hints`: what to do about keys that belong elsewhere. */
  | {
      kind: 'keys';
      keys: Readonly<Record<string, Shape>>;
      required?: readonly string[];
      short?: string;
      hints?: Readonly<Record<string, string>>;
    };

/** A place in a file, counted from 1. */
export interface Place {
  line: number;
  column: number;
}

export interface Finding extends Place {
  message: string;
}
