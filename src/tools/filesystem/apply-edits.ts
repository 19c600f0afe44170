import { YonderError } from '../../protocol/errors.ts';
import { likeness } from '../closest.ts';

export interface Edit {
  oldText: string;
  newText: string;
}

const SHOWN_PLACES = 5;
const COMPARED_LINES = 20_000;
const NEAR = 0.4;

/** All edits one after the other, or none: throws `invalid_request` that says which text was not found once, and what is near it. */
export function applyEdits(path: string, text: string, edits: readonly Edit[]): string {
  return edits.reduce((current, edit, index) => {
    const label = edits.length === 1 ? 'oldText' : `oldText of edit ${index + 1}`;
    return applyEdit(current, withLineEnds(current, edit), (words) => refusal(path, label, words));
  }, text);
}

/**
 * Whether a text is certainly what these edits leave behind: they can be taken back, each new text being there exactly once, what is
 * then there becomes this text again, and they cannot be made once more, as they could in a text that still waits for them. An edit that
 * takes a text away leaves nothing to know it by, nor does one that keeps the old text within the new.
 */
export function areApplied(path: string, text: string, edits: readonly Edit[]): boolean {
  const back = edits.map((edit) => ({ oldText: edit.newText, newText: edit.oldText })).toReversed();
  const before = attempted(path, text, back);
  if (before === undefined || attempted(path, before, edits) !== text) return false;
  return attempted(path, text, edits) === undefined;
}

/** Undefined where the edits are refused. */
function attempted(path: string, text: string, edits: readonly Edit[]): string | undefined {
  try {
    return applyEdits(path, text, edits);
  } catch (error) {
    if (error instanceof YonderError && error.code === 'invalid_request') return undefined;
    throw error;
  }
}

type Refuse = (words: string) => YonderError;

function applyEdit(text: string, { oldText, newText }: Edit, refuse: Refuse): string {
  if (oldText === '') throw refuse('is empty: name the text to replace; write_file makes a new file');
  if (oldText === newText) throw refuse('is the same as newText: there is nothing to change');
  const places = placesOf(text, oldText);
  const [place] = places;
  if (place === undefined) throw refuse(`is not in the file${nearTo(text, oldText)}`);
  if (places.length > 1) {
    const lines = places.slice(0, SHOWN_PLACES).map((at) => lineAt(text, at));
    const more = places.length > SHOWN_PLACES ? ' ...' : '';
    throw refuse(
      `is in the file ${places.length} times (lines ${lines.join(', ')}${more}): add lines around it until it is there once`,
    );
  }
  return text.slice(0, place) + newText + text.slice(place + oldText.length);
}

/** Models write \n also where a file has \r\n; then both texts are taken in the file's way. */
function withLineEnds(text: string, edit: Edit): Edit {
  if (!text.includes('\r\n') || edit.oldText.includes('\r\n') || text.includes(edit.oldText)) return edit;
  const inFile = (part: string) => part.replaceAll(/\r?\n/g, '\r\n');
  return { oldText: inFile(edit.oldText), newText: inFile(edit.newText) };
}

/** Overlapping ones too: of `aa` there are two in `aaa`, and which one is meant is not clear. */
function placesOf(text: string, part: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) places.push(at);
  return places;
}

function lineAt(text: string, position: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < position; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** The lines of the file most like the first line with words of what was looked for. */
function nearTo(text: string, wanted: string): string {
  const first = wanted
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '');
  if (first === undefined) return '';
  const lines = text
    .split('\n', COMPARED_LINES)
    .map((line, index) => ({
      line: index + 1,
      text: line,
      score: likeness(first, line.trim().slice(0, 500)),
    }))
    .filter(({ score }) => score >= NEAR)
    .toSorted((left, right) => right.score - left.score)
    .slice(0, 3);
  if (lines.length === 0) return '; read the file again';
  const found = lines.map(({ line, text: content }) => `${line}: ${content.slice(0, 200)}`).join('\n');
  return `; these lines are near:\n${found}`;
}

function refusal(path: string, label: string, words: string): YonderError {
  return new YonderError('invalid_request', `${path} was not changed: ${label} ${words}`);
}
