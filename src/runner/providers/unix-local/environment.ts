/** What commands on this machine get of the user's own environment. */
export interface EnvironmentOptions {
  readonly base: Readonly<Record<string, string | undefined>>;
  /** Names that no command gets: Yonder's keys, tokens, socket and store paths, provider keys (R13). */
  readonly withhold: readonly string[] | ((name: string) => boolean);
  /** Names that are passed on all the same, because the user said so. */
  readonly pass_env: readonly string[];
}

export interface CommandEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** Sorted names of what is there and was held back. */
  readonly withheld: readonly string[];
}

export function commandEnvironment(options: EnvironmentOptions): CommandEnvironment {
  const { base, withhold, pass_env } = options;
  const isWithheld = typeof withhold === 'function' ? withhold : (name: string) => withhold.includes(name);
  const variables: Record<string, string> = {};
  const withheld: string[] = [];
  for (const [name, value] of Object.entries(base)) {
    if (value === undefined) continue;
    if (isWithheld(name) && !pass_env.includes(name)) withheld.push(name);
    else variables[name] = value;
  }
  return { variables, withheld: withheld.sort() };
}
