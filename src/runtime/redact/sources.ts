import { environmentReferences } from '../../protocol/environment-references.ts';
import { PROVIDERS, type BuiltInProvider } from '../../protocol/providers.ts';
import type { SecretRegistry } from '../../protocol/secrets.ts';
import type { ResolvedTeam } from '../../protocol/team.ts';
import { keyName } from '../../model/keys.ts';

type Env = (name: string) => string | undefined;

/** Says of a name that what it stands for is a secret. */
const SECRET_NAME = /key|token|secret|passw|passphrase|credential|auth|cookie|private|signature|dsn/i;

/** A path, or a URL that carries neither a user nor a query: it is no secret, and taken out it would make every answer useless. */
const PLACE = /^(?:~?\/|\.{1,2}\/|[A-Za-z]:\\)[^\s=+]*$|^https?:\/\/[^\s@?]+$/;

/** Settings of Yonder and its peer that a file of variables may hold too; only those that are named like a secret are one. */
const SETTING = /^(?:YONDER|DOCKER_AGENT|CAGENT)_/;

/** The keys of the providers that we know, as far as the environment has them, used or not. */
export function addProviderKeys(secrets: SecretRegistry, env: Env): void {
  for (const provider of Object.values(PROVIDERS) as BuiltInProvider[]) {
    const name = provider.token_key;
    // Many programs' own, and no secret of ours until a team's model uses it (R13).
    if (name !== undefined && name !== 'GITHUB_TOKEN') addValue(secrets, name, env(name));
  }
}

/** What a session was given with `--env-from-file`. */
export function addGivenValues(
  secrets: SecretRegistry,
  values: Readonly<Record<string, string>>,
  owner?: string,
): void {
  for (const [name, value] of Object.entries(values))
    if (isSecret(name, value)) secrets.add(name, value, owner);
}

/** What a team refers to: keys of its models, and variables that it hands to its tools. */
export function addTeamValues(secrets: SecretRegistry, team: ResolvedTeam, env: Env, owner: string): void {
  for (const model of Object.values(team.models)) {
    const name = keyName(model);
    if (name !== undefined) addValue(secrets, name, env(name), owner);
  }
  const handedOn = team.agents.flatMap(({ toolsets, hooks }): object[] => [...toolsets, hooks ?? {}]);
  for (const given of handedOn) {
    const { instruction: _read, ...handed } = given as { instruction?: string };
    for (const name of environmentReferences(JSON.stringify(handed))) {
      const value = env(name);
      if (value !== undefined && isSecret(name, value) && !ORDINARY.has(name))
        secrets.add(name, value, owner);
    }
  }
}

/**
 * The variables as an instruction gets them: `${env.X}` there is text that the model is meant to read, unless X is named like a secret.
 */
export function readingEnv(secrets: SecretRegistry, env: Env): Env {
  return (name) => {
    const value = env(name);
    if (value !== undefined && SECRET_NAME.test(name)) secrets.add(name, value);
    return value;
  };
}

/** Variables that every process has; what stands in them is on every screen. */
const ORDINARY: ReadonlySet<string> = new Set([
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TERM',
  'LANG',
  'PWD',
  'TMPDIR',
  'EDITOR',
  'HOSTNAME',
]);

function isSecret(name: string, value: string): boolean {
  return SECRET_NAME.test(name) || !(SETTING.test(name) || PLACE.test(value.trim()));
}

function addValue(secrets: SecretRegistry, name: string, value: string | undefined, owner?: string): void {
  if (value !== undefined) secrets.add(name, value, owner);
}
