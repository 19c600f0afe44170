import { DIFFERENCES, NOTES, OURS, SAME } from './peer-verdicts.ts';
import type { Key, Keys, Shape } from './schema/key.ts';
import { teamRecord } from './schema/team.ts';

/** docs/from-docker-agent.md: every key of the loader's own table, and how it compares with docker-agent's. */
export function fromDockerAgentMarkdown(): string {
  const head = [
    '# Coming from docker-agent',
    '',
    'This page is generated from the table by which team files are read. A team file of docker-agent, of any version, is read as it stands. *Same*: the key',
    'means what it means there. *Later*: it is known and loads, and a run is refused before anything happens (exit code 5). *Ours*: docker-agent refuses it.',
    'Its configuration is taken over by `yonder config import` ([configuration.md](configuration.md#from-docker-agent)).',
    '',
  ];
  return `${[...head, ...comparedRecords().map(section)].join('\n')}`;
}

export type Verdict = 'same' | 'differs' | 'ours' | 'later';

export interface ComparedRecord {
  title: string;
  /** Not built yet as a whole. */
  later: boolean;
  keys: { name: string; verdicts: Verdict[]; reason: string }[];
}

/** Every record of the table, once: where it is a part of something that is built, its keys count, else all of it is later. */
export function comparedRecords(): ComparedRecord[] {
  const found = new Map<string, { keys: Keys; later: boolean }>();
  walk(teamRecord, false, found);
  return [...found].map(([title, { keys, later }]) => ({
    title,
    later,
    keys: Object.entries(keys).map(([name, key]) => compared(title, name, later || key.later !== undefined)),
  }));
}

/** More than one verdict, or none, is a fault of the lists. */
function compared(title: string, name: string, later: boolean): ComparedRecord['keys'][number] {
  const reason = Object.hasOwn(DIFFERENCES, title) ? DIFFERENCES[title]?.[name] : undefined;
  const verdicts: Verdict[] = [
    ...(later ? ['later' as const] : []),
    ...(SAME[title]?.includes(name) === true ? ['same' as const] : []),
    ...(reason === undefined ? [] : ['differs' as const]),
    ...(OURS.has(`${title}.${name}`) ? ['ours' as const] : []),
  ];
  return { name, verdicts, reason: reason ?? '' };
}

type Found = Map<string, { keys: Keys; later: boolean }>;

function walk(shape: Shape, later: boolean, found: Found): void {
  switch (shape.kind) {
    case 'list':
    case 'map':
      return walk(shape.of, later, found);
    case 'choice':
      return shape.shapes.forEach((option) => walk(option, later, found));
    case 'record':
      return note(shape.title, shape.keys, later, found);
    case 'variant':
      note(shape.title, shape.common, later, found);
      for (const [type, variant] of Object.entries(shape.variants))
        note(`${shape.title} of type ${type}`, variant.keys, later || variant.later !== undefined, found);
      return;
    default:
      return;
  }
}

function note(title: string, keys: Keys, later: boolean, found: Found): void {
  const known = found.get(title);
  if (known !== undefined && (later || !known.later)) return;
  found.set(title, { keys, later });
  for (const key of Object.values<Key>(keys)) walk(key.shape, later || key.later !== undefined, found);
}

function section({ title, later, keys }: ComparedRecord): string {
  const name = title.replace(/^(?:an?|the) /, '');
  const remark = NOTES[title];
  const lines = [`## ${name.slice(0, 1).toUpperCase()}${name.slice(1)}`, ''];
  if (later) lines.push('*Later*, as a whole.', '');
  if (remark !== undefined) lines.push(remark, '');
  const rows = keys.map((key) => `| \`${key.name}\` | ${key.verdicts.join(', ')} | ${key.reason} |`);
  if (rows.length > 0) lines.push('| key | | what differs, and why |', '|---|---|---|', ...rows);
  return `${lines.join('\n').trimEnd()}\n`;
}
