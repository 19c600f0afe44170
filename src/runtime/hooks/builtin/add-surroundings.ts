import { YonderError } from '../../../protocol/errors.ts';
import { promptFilePart, readPromptFile } from '../../prompt/prompt-file.ts';
import { dateLine, environmentLines } from '../../prompt/surroundings.ts';
import { outputOf } from './git.ts';
import { contextOf, type BuiltinHook } from './types.ts';

/** Entries of a folder (reference/docker-agent.md 5.7). */
const ENTRIES = 100;

export const addDate: BuiltinHook = ({ now }) => Promise.resolve(contextOf(dateLine(now)));

export const addEnvironmentInfo: BuiltinHook = ({ working_dir, platform }) =>
  Promise.resolve(contextOf(environmentLines(working_dir, platform).join('\n')));

/** The files that its arguments name, as `add_prompt_files` of an agent does. */
export const addPromptFiles: BuiltinHook = async ({ args, workspace, named_files }) => {
  if (args.length === 0)
    throw new YonderError('invalid_request', 'add_prompt_files takes the names of files');
  const parts: string[] = [];
  const problems: string[] = [];
  for (const name of args) {
    const { text, problem } = await readPromptFile(await workspace(), name, named_files?.[name]);
    if (text !== undefined) parts.push(promptFilePart(name, text));
    if (problem !== undefined) problems.push(`prompt file ${name}: ${problem}`);
  }
  return {
    ...contextOf(parts.join('\n\n')),
    ...(problems.length === 0 ? {} : { system_message: problems.join('\n') }),
  };
};

/** What stands in the working folder, the first hundred names; folders with a slash. */
export const addDirectoryListing: BuiltinHook = async ({ workspace, signal }) => {
  const { entries, truncated } = await (await workspace()).list('.', { limit: ENTRIES, signal });
  const names = entries.map(({ name, type }) => (type === 'directory' ? `${name}/` : name));
  if (names.length === 0) return contextOf('Files in the working directory: none');
  const more = truncated ? [`(only the first ${ENTRIES})`] : [];
  return contextOf(['Files in the working directory:', ...names, ...more].join('\n'));
};

/** Who commands run as, where they run: on a server that is not the person who asks. */
export const addUserInfo: BuiltinHook = async (parts) => {
  const name = await outputOf(parts, 'id', ['-un'], 256);
  const { home } = await parts.workspace();
  const lines = [
    ...(name === undefined ? [] : [`User: ${name.text.trim()}`]),
    ...(home === undefined ? [] : [`Home directory: ${home}`]),
  ];
  return contextOf(lines.join('\n'));
};
