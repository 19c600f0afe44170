/** How many files an undo brought back. */
export function filesText(files: number): string {
  if (files === 0) return 'no file';
  return files === 1 ? '1 file' : `${files} files`;
}
