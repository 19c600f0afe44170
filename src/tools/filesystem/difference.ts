const SHOWN_CHARACTERS = 4000;
const COMPARED_CHARACTERS = 1024 * 1024;
const TIME_MS = 1000;

/** A unified diff of one file for a reader, cut at a line's end; words in its place where the texts are too long or too different. */
export async function difference(path: string, before: string, after: string): Promise<string> {
  if (before === after) return `${path} stays as it is.`;
  if (before.length + after.length > COMPARED_CHARACTERS) return tooLong(path, before, after);
  // Loaded when it is needed: most runs of the program never compare anything.
  const { createTwoFilesPatch, FILE_HEADERS_ONLY } = await import('diff');
  const patch = createTwoFilesPatch(path, path, before, after, undefined, undefined, {
    context: 3,
    timeout: TIME_MS,
    headerOptions: FILE_HEADERS_ONLY,
  });
  if (patch === undefined) return tooLong(path, before, after);
  if (patch.length <= SHOWN_CHARACTERS) return patch;
  const end = patch.lastIndexOf('\n', SHOWN_CHARACTERS);
  const kept = patch.slice(0, end === -1 ? SHOWN_CHARACTERS : end);
  return `${kept}\n[... ${patch.length - kept.length} characters of the diff are left out ...]`;
}

function tooLong(path: string, before: string, after: string): string {
  return `${path}: ${before.length} characters become ${after.length}; too much to show the difference.`;
}
