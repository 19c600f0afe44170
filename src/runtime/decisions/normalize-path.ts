/**
 * A POSIX path as the tables compare it: without `.`, `..` and doubled slashes, in lower case, in one Unicode form
 * and without characters that some file systems ignore (`.g\u200Cit` is `.git` on a Mac).
 */
export function normalizePath(path: string): string {
  const plain = path
    .normalize('NFKC')
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toLowerCase();
  const out: string[] = [];
  for (const segment of plain.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..' && out.length > 0 && out.at(-1) !== '..') out.pop();
    else if (segment !== '..' || !plain.startsWith('/')) out.push(segment);
  }
  return `${plain.startsWith('/') ? '/' : ''}${out.join('/')}`;
}
