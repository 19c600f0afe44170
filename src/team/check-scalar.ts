import { isScalar, type Node } from 'yaml';
import { type Findings, offsetOf, scalarText, wrongType } from './findings.ts';
import { listed, suggestion } from '../protocol/nearest.ts';
import type { FlagShape, NumberShape, TextShape } from './schema/key.ts';

const LIKE_FLAGS: Readonly<Record<string, boolean>> = { yes: true, on: true, no: false, off: false };

/** A text, number or flag as its shape wants it; undefined with a problem noted when it is something else. */
export function checkScalar(
  found: Findings,
  node: Node,
  shape: TextShape | NumberShape | FlagShape,
): string | number | boolean | undefined {
  if (!isScalar(node)) return wrongType(found, node, nounOf(shape));
  const value: unknown = node.value;
  if (shape.kind === 'flag')
    return typeof value === 'boolean' ? value : wrongType(found, node, flagNoun(value));
  if (shape.kind === 'number')
    return typeof value === 'number'
      ? checkNumber(found, node, value, shape)
      : wrongType(found, node, nounOf(shape));
  if (typeof value === 'string') return checkText(found, node, value, shape);
  const quoted = value === null ? '' : ` (in quotes: "${node.source ?? scalarText(value)}")`;
  return wrongType(found, node, `${nounOf(shape)}${quoted}`);
}

function checkNumber(found: Findings, node: Node, value: number, shape: NumberShape): number | undefined {
  const low = shape.minimum !== undefined && value < shape.minimum;
  const high = shape.maximum !== undefined && value > shape.maximum;
  const fits = Number.isFinite(value) && (!shape.whole || Number.isSafeInteger(value));
  return fits && !low && !high ? value : wrongType(found, node, nounOf(shape));
}

function checkText(found: Findings, node: Node, value: string, shape: TextShape): string | undefined {
  if (shape.values === undefined && shape.pattern === undefined) return value;
  if (shape.values?.includes(value)) return value;
  if (shape.pattern !== undefined && new RegExp(`^(?:${shape.pattern})$`).test(value)) return value;
  const hint = suggestion(value, shape.values ?? []);
  found.problems.push(
    found.read.problemAt(
      offsetOf(node),
      `expected ${nounOf(shape)}, found the text "${value.slice(0, 40)}"${hint}`,
    ),
  );
  return undefined;
}

function flagNoun(value: unknown): string {
  const meant = typeof value === 'string' ? LIKE_FLAGS[value.toLowerCase()] : undefined;
  return meant === undefined ? 'true or false' : `true or false (write ${meant})`;
}

function nounOf(shape: TextShape | NumberShape | FlagShape): string {
  if (shape.kind === 'flag') return 'true or false';
  if (shape.kind === 'text') {
    if (shape.values !== undefined) return `one of ${listed(shape.values.map((value) => value || '""'))}`;
    return shape.pattern === undefined ? 'a text' : `a text of the form ${shape.pattern}`;
  }
  const noun = shape.whole ? 'a whole number' : 'a number';
  if (shape.minimum !== undefined && shape.maximum !== undefined)
    return `${noun} from ${shape.minimum} to ${shape.maximum}`;
  return shape.minimum === undefined ? noun : `${noun}, at least ${shape.minimum}`;
}
