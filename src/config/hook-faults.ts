import { hooksSchema } from '../protocol/contract/hooks.ts';

export interface HookFault {
  path: readonly (string | number)[];
  message: string;
}

/** What is wrong with the hooks of a configuration file, as the contract sees it; none when nothing is. */
export function hookFaults(value: unknown): HookFault[] {
  const read = hooksSchema.safeParse(value);
  if (read.success) return [];
  return read.error.issues.flatMap((issue): HookFault[] => {
    const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
    if (issue.code !== 'unrecognized_keys') return [{ path, message: `is not right: ${issue.message}` }];
    const known = path.length === 0 ? `; the events are ${Object.keys(hooksSchema.shape).join(', ')}` : '';
    return issue.keys.map((key) => ({ path: [...path, key], message: `is not known${known}` }));
  });
}
