/** `agents.root`, or `models["gpt-4.1"]` where the name is not a plain word. */
export function memberPath(parent: string, name: string): string {
  if (/^[\w-]+$/.test(name)) return parent === '' ? name : `${parent}.${name}`;
  return `${parent}[${JSON.stringify(name)}]`;
}
