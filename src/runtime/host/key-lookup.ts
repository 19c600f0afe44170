import type { HostOptions, ModelsOptions } from './options.ts';

/** Where models find their keys: values that the session was given, the Host's variables, then what is kept elsewhere. An empty one is none. */
export function keyLookup(
  { env, keys }: Pick<HostOptions, 'env' | 'keys'>,
  given: () => Readonly<Record<string, string>> | undefined = () => undefined,
): Pick<ModelsOptions, 'env' | 'findKeys'> {
  const lookup = (name: string): string | undefined => {
    const own = given()?.[name];
    return (own ?? '').trim() === '' ? (env(name) ?? own) : own;
  };
  if (keys === undefined) return { env: lookup };
  return {
    env: (name) => {
      const value = lookup(name);
      return (value ?? '').trim() === '' ? (keys.value(name) ?? value) : value;
    },
    findKeys: (names) => keys.resolve(names),
  };
}
