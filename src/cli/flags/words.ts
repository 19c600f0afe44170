/** What a flag with an optional value means when it stands alone; its value is taken by `=` only, so that it never eats a message. */
const BARE: Readonly<Record<string, string>> = {
  '--record': '--record=',
  '--fake-stream': '--fake-stream=15',
};

/** The command line as commander takes it. */
export function prepareWords(words: readonly string[]): string[] {
  const end = words.indexOf('--');
  // A server has no one file to record into, so that the flag takes none there.
  const bare = (word: string): string =>
    word === '--record' && words[0] === 'serve' ? word : (BARE[word] ?? word);
  return words.map((word, index) => (end !== -1 && index > end ? word : bare(word)));
}
