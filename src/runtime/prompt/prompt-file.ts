import { toYonderError } from '../../protocol/errors.ts';
import type { Workspace } from '../../protocol/workspace.ts';

/** Bytes. More of one file would stand before the model at every call. */
const PROMPT_FILE_LIMIT = 256 * 1024;

export interface ReadPromptFile {
  text?: string;
  /** What the person is told. */
  problem?: string;
}

/**
 * R17: a prompt file of the workspace is read where the tools act, and the search stops at its root. `brought`: what a client sent of it, for a
 * workspace that has none.
 */
export async function readPromptFile(
  workspace: Workspace,
  name: string,
  brought?: string,
): Promise<ReadPromptFile> {
  try {
    const { bytes, size } = await workspace.readFile(name, { length: PROMPT_FILE_LIMIT });
    const isWhole = size <= bytes.byteLength;
    // A character that the cut went through is left out; the bytes of a whole file are taken as they are.
    const text = new TextDecoder().decode(bytes, { stream: !isWhole });
    if (isWhole) return { text };
    const kib = PROMPT_FILE_LIMIT / 1024;
    return { text, problem: `it has ${size} bytes; only its first ${kib} KiB go to the model; shorten it` };
  } catch (thrown) {
    if (brought !== undefined) return { text: brought };
    return { problem: `${toYonderError(thrown).message}; going on without it` };
  }
}

/** A prompt file as it stands before the model. */
export function promptFilePart(name: string, text: string): string {
  return `Instructions from ${name}:\n${text}`;
}
