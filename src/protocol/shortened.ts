/** Words of somebody else as part of ours: whole up to 100 characters, then its beginning. */
export function shortened(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
