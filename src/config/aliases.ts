import { YonderError } from '../protocol/errors.ts';
import { changeConfig } from './change-config.ts';
import { type Alias, parseUserConfig, type ReadUserOptions } from './user-config.ts';

/** Adds an alias, or gives one another team; the file is checked whole before it is written. */
export async function addAlias(
  file: string,
  name: string,
  alias: Alias,
  options: ReadUserOptions,
): Promise<void> {
  await changeConfig(
    file,
    (document) => {
      document.setIn(['aliases', name], document.createNode(alias));
      return true;
    },
    (text) => parseUserConfig(file, text, options),
  );
}

/** Takes an alias away; `not_found` where there is none. */
export async function removeAlias(file: string, name: string): Promise<void> {
  const removed = await changeConfig(file, (document) => document.deleteIn(['aliases', name]));
  if (!removed)
    throw new YonderError('not_found', `there is no alias ${name}; list them with: yonder alias list`);
}
