import type { Tool } from '../tool.ts';
import { directoryTree } from './directory-tree.ts';
import { editFile } from './edit-file.ts';
import { createDirectory, removeDirectory } from './folders.ts';
import { listDirectory } from './list-directory.ts';
import { readFileTool } from './read-file.ts';
import { readMultipleFiles } from './read-multiple-files.ts';
import { searchFilesContent } from './search-files-content.ts';
import { writeFileTool } from './write-file.ts';

export const FILESYSTEM_INSTRUCTION = [
  'Paths of the file tools are taken from the workspace; what lies outside of it cannot be reached.',
  'Read a file before you edit it. For small changes use edit_file, with enough text around the change to be there once.',
].join('\n');

/** The nine file tools. Option `ignore_vcs`: what git ignores is left out of trees and searches; true when absent. */
export function filesystemTools(options: Readonly<Record<string, unknown>>): Tool[] {
  const ignoreVcs = options['ignore_vcs'] !== false;
  return [
    readFileTool(),
    readMultipleFiles(),
    listDirectory(),
    directoryTree(ignoreVcs),
    searchFilesContent(ignoreVcs),
    editFile(),
    writeFileTool(),
    createDirectory(),
    removeDirectory(),
  ];
}
