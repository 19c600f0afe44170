import type { Keys, Shape } from './schema/key.ts';
import { teamRecord } from './schema/team.ts';

/** What a key means otherwise than in docker-agent, and why; by title of its record and key. */
const DIFFERENCES: Readonly<Record<string, string>> = {
  'a team.version':
    'Versions 0 to 8 are read too; a key that came later than the file says counts, with a warning, where docker-agent refuses it.',
  'a team.permissions':
    'Ask beats allow inside one layer: the safe way round. Allow rules of a team that nobody trusted do not count.',
  'an agent.model': '`auto` when absent.',
  'an agent.instruction':
    'Only `${env.NAME}` is expanded, once; other expressions stay as they are, since a team is not a program.',
  'an agent.sub_agents':
    'Agents of the same file; another file or an image is refused: it would be fetched before anybody agreed to it.',
  'an agent.handoffs':
    'Agents of the same file; at most eight times in a run; a stricter `safety` is not shed by it.',
  'an agent.commands':
    'What is typed goes into a command line as quoted words and is never expanded again; each `!tool()` is judged and recorded.',
  'an agent.add_prompt_files':
    "Looked for up to the workspace's root, not in your home: the tools act elsewhere than you may be.",
};

/** Keys that docker-agent does not have. */
const OURS: ReadonlySet<string> = new Set(['safety', 'read_roots', 'budget', 'budgets', 'trusted']);

/** docs/from-docker-agent.md: every key of the loader's own table, and how it compares with docker-agent's. */
export function fromDockerAgentMarkdown(): string {
  const sections = new Map<string, string>();
  collect(teamRecord, sections);
  const head = [
    '# Coming from docker-agent',
    '',
    'This page is generated from the table by which team files are read. A team file of docker-agent, of any version, is read as it stands. *Same*: the key',
    'means what it means there. *Later*: it is known and loads, and a run is refused before anything happens (exit code 5). *Ours*: docker-agent refuses it.',
    '',
  ];
  return `${[...head, ...sections.values()].join('\n')}`;
}

function collect(shape: Shape, sections: Map<string, string>): void {
  switch (shape.kind) {
    case 'list':
    case 'map':
      return collect(shape.of, sections);
    case 'choice':
      return shape.shapes.forEach((option) => collect(option, sections));
    case 'record':
      return addRecord(shape.title, shape.keys, undefined, sections);
    case 'variant':
      addRecord(shape.title, shape.common, undefined, sections);
      for (const [type, { keys, later }] of Object.entries(shape.variants))
        addRecord(`${shape.title} of type ${type}`, keys, later, sections);
      return;
    default:
      return;
  }
}

function addRecord(
  title: string,
  keys: Keys,
  later: string | undefined,
  sections: Map<string, string>,
): void {
  if (sections.has(title)) return;
  const name = title.replace(/^(?:an?|the) /, '');
  const lines = [`## ${name.slice(0, 1).toUpperCase()}${name.slice(1)}`, ''];
  if (later !== undefined) lines.push('*Later*, as a whole.', '');
  const rows = Object.entries(keys).map(([key, entry]) => {
    const state =
      entry.later !== undefined || later !== undefined ? 'later' : OURS.has(key) ? 'ours' : 'same';
    const difference = DIFFERENCES[`${title}.${key}`];
    const shown = difference !== undefined && state === 'same' ? 'differs' : state;
    return `| \`${key}\` | ${shown} | ${difference ?? ''} |`;
  });
  if (rows.length > 0) lines.push('| key | | what differs, and why |', '|---|---|---|', ...rows);
  sections.set(title, `${lines.join('\n').trimEnd()}\n`);
  for (const entry of Object.values(keys)) collect(entry.shape, sections);
}
