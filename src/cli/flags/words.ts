/** What a flag with an optional value means when it stands alone; its value is taken by `=` only, so that it never eats a message. */
const BARE: Readonly<Record<string, string>> = {
  '--record': '--record=',
  '--fake-stream': '--fake-stream=15',
};

/** The command line as commander takes it. */
export function prepareWords(words: readonly string[]): string[] {
  const end = words.indexOf('--');
  return words.map((word, index) => (end !== -1 && index > end ? word : (BARE[word] ?? word)));
}
