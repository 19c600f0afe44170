export type Env = Readonly<Record<string, string | undefined>>;

/** Ours first, then the peer's names, new and old (reference/docker-agent.md 4.1). */
const PREFIXES = ['YONDER_', 'DOCKER_AGENT_', 'CAGENT_'];

/** The variable that says a setting, by the name that follows the prefix. An empty value counts as none. */
export function variableOf(env: Env, name: string): { variable: string; value: string } | undefined {
  for (const prefix of PREFIXES) {
    const variable = `${prefix}${name}`;
    const value = env[variable];
    if (value !== undefined && value !== '') return { variable, value };
  }
  return undefined;
}
