const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;

/** How many fields a JSON text writes, all its objects together: more than its value has means that one stands there twice. */
export function writtenFields(text: string): number {
  let fields = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === COLON) fields += 1;
    else if (code === QUOTE) index = endOfString(text, index);
  }
  return fields;
}

/** Where the string that begins at `start` has its closing quote. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, place: number): boolean {
  let before = place;
  while (text.charCodeAt(before - 1) === BACKSLASH) before -= 1;
  return (place - before) % 2 === 1;
}
