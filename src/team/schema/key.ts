/**
 * The words in which the key table is written. One table drives the loader, the JSON Schema and docs/team-keys.md; the types of what was
 * loaded are derived from it too.
 */
export interface TextShape {
  kind: 'text';
  /** The only texts that are allowed. */
  values?: readonly string[];
  /** Texts allowed beside `values`, as the source of a regular expression over the whole text. */
  pattern?: string;
}
export interface NumberShape {
  kind: 'number';
  whole: boolean;
  minimum?: number;
  maximum?: number;
}
export interface FlagShape {
  kind: 'flag';
}
/** Anything that JSON can say, e.g. options that are passed on to a provider. */
export interface AnyShape {
  kind: 'any';
}
export interface ListShape<S extends Shape = Shape> {
  kind: 'list';
  of: S;
}
/** A mapping whose keys are names that the team chooses. */
export interface MapShape<S extends Shape = Shape> {
  kind: 'map';
  of: S;
}
/** A mapping with these keys and no others. `title` is what messages call it, e.g. "an agent". */
export interface RecordShape<K extends Keys = Keys> {
  kind: 'record';
  title: string;
  keys: K;
}
/** One of several shapes, told apart by what stands there: text, number, flag, list or mapping. */
export interface ChoiceShape<S extends readonly Shape[] = readonly Shape[]> {
  kind: 'choice';
  shapes: S;
}
export interface Variant {
  doc: string;
  keys: Keys;
  /** The feature's name, where the whole type is not built yet. */
  later?: string;
}
/** A record whose further keys depend on its `type`. */
export interface VariantShape<K extends Keys = Keys> {
  kind: 'variant';
  title: string;
  common: K;
  variants: Readonly<Record<string, Variant>>;
}
export type Shape =
  | TextShape
  | NumberShape
  | FlagShape
  | AnyShape
  | ListShape
  | MapShape
  | RecordShape
  | ChoiceShape
  | VariantShape;

export interface Key<S extends Shape = Shape> {
  shape: S;
  doc: string;
  required?: boolean;
  /** The feature's name, where the key is not built yet: it loads, and the run is refused. */
  later?: string;
  /** The version of the schema that brought it, where that is after version 2; our own came with the latest. */
  since?: number;
}
export type Keys = Readonly<Record<string, Key>>;

/** What the loader hands on for a shape, once everything in it was found right. */
export type ValueOf<S> = S extends TextShape
  ? string
  : S extends NumberShape
    ? number
    : S extends FlagShape
      ? boolean
      : S extends ListShape<infer Item>
        ? ValueOf<Item>[]
        : S extends MapShape<infer Item>
          ? Record<string, ValueOf<Item>>
          : S extends RecordShape<infer K>
            ? RecordOf<K>
            : S extends ChoiceShape<infer Options>
              ? ValueOf<Options[number]>
              : S extends VariantShape<infer K>
                ? RecordOf<K> & { type: string; [option: string]: unknown }
                : unknown;
export type RecordOf<K extends Keys> = { [Name in keyof K]?: ValueOf<K[Name]['shape']> };

export const text: TextShape = { kind: 'text' };
export const flag: FlagShape = { kind: 'flag' };
export const any: AnyShape = { kind: 'any' };
export const integer: NumberShape = { kind: 'number', whole: true };
export const number: NumberShape = { kind: 'number', whole: false };
export const texts: ListShape<TextShape> = { kind: 'list', of: text };
export const textMap: MapShape<TextShape> = { kind: 'map', of: text };
export const anyMap: MapShape<AnyShape> = { kind: 'map', of: any };

export function oneOf(...values: readonly string[]): TextShape {
  return { kind: 'text', values };
}
export function atLeast(minimum: number, maximum?: number): NumberShape {
  return { kind: 'number', whole: true, minimum, ...(maximum === undefined ? {} : { maximum }) };
}
/** Seconds, or a text such as `90s` or `2m`. */
export const duration: ChoiceShape<readonly [NumberShape, TextShape]> = {
  kind: 'choice',
  shapes: [
    { kind: 'number', whole: false, minimum: 0 },
    { kind: 'text', pattern: '(\\d+(\\.\\d+)?(ms|s|m|h))+' },
  ],
};
export function listOf<S extends Shape>(of: S): ListShape<S> {
  return { kind: 'list', of };
}
export function mapOf<S extends Shape>(of: S): MapShape<S> {
  return { kind: 'map', of };
}
export function record<K extends Keys>(title: string, keys: K): RecordShape<K> {
  return { kind: 'record', title, keys };
}
export function choice<S extends readonly Shape[]>(...shapes: S): ChoiceShape<S> {
  return { kind: 'choice', shapes };
}
export function key<S extends Shape>(shape: S, doc: string): Key<S> {
  return { shape, doc };
}
export function required<S extends Shape>(shape: S, doc: string): Key<S> {
  return { shape, doc, required: true };
}
export function later<S extends Shape>(feature: string, shape: S, doc: string): Key<S> {
  return { shape, doc, later: feature };
}
/** Says which version of the schema brought a key (reference/docker-agent.md 5.9). */
export function since<S extends Shape>(version: number, made: Key<S>): Key<S> {
  return { ...made, since: version };
}
