import type { Keys, Shape } from './schema/key.ts';
import { teamRecord } from './schema/team.ts';

/** The page of all keys (docs/team-keys.md), made from the loader's own table. */
export function teamKeysMarkdown(): string {
  const sections = new Map<string, string>();
  addSections(teamRecord, '', sections);
  const head = [
    '# Keys of a team file',
    '',
    'This page is generated from the table by which team files are read. A key that is marked *later* is known and loads, with a warning;',
    'a run of a team that uses it is refused before it does anything (exit code 5).',
    '',
  ];
  return `${[...head, ...sections.values()].join('\n')}`;
}

function addSections(shape: Shape, path: string, sections: Map<string, string>): void {
  switch (shape.kind) {
    case 'list':
      return addSections(shape.of, `${path}[]`, sections);
    case 'map':
      return addSections(shape.of, `${path}.NAME`, sections);
    case 'choice':
      return shape.shapes.forEach((option) => addSections(option, path, sections));
    case 'record':
      return addSection(shape.title, path, '', shape.keys, sections);
    case 'variant':
      addSection(shape.title, path, '', shape.common, sections);
      for (const [type, variant] of Object.entries(shape.variants)) {
        const note = variant.later === undefined ? variant.doc : `${variant.doc} *Later.*`;
        addSection(`${shape.title} of type ${type}`, `${path} (type: ${type})`, note, variant.keys, sections);
      }
      return;
    default:
      return;
  }
}

function addSection(
  title: string,
  path: string,
  note: string,
  keys: Keys,
  sections: Map<string, string>,
): void {
  if (sections.has(title)) return;
  const name = title.replace(/^(an?|the) /, '');
  const lines = [`## ${name.slice(0, 1).toUpperCase()}${name.slice(1)}`, ''];
  if (path !== '') lines.push(`At \`${path.replace(/^\./, '')}\`.`, '');
  if (note !== '') lines.push(note, '');
  if (Object.keys(keys).length > 0) lines.push('| key | value | meaning |', '|---|---|---|');
  for (const [key, entry] of Object.entries(keys)) {
    const marks = `${entry.required === true ? ' Required.' : ''}${entry.later === undefined ? '' : ' *Later.*'}`;
    lines.push(`| \`${key}\` | ${cell(valueText(entry.shape))} | ${cell(entry.doc)}${marks} |`);
  }
  sections.set(title, `${lines.join('\n')}\n`);
  for (const [key, entry] of Object.entries(keys))
    addSections(entry.shape, path === '' ? key : `${path}.${key}`, sections);
}

function valueText(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
      return shape.values === undefined
        ? 'text'
        : shape.values.map((value) => `\`${value || '""'}\``).join(', ');
    case 'number':
      return shape.whole ? 'whole number' : 'number';
    case 'flag':
      return 'true or false';
    case 'any':
      return 'anything';
    case 'list':
      return `list of ${valueText(shape.of)}`;
    case 'map':
      return `mapping of ${valueText(shape.of)}`;
    case 'choice':
      return shape.shapes.map((option) => valueText(option)).join(' or ');
    case 'record':
    case 'variant':
      return shape.title.replace(/^(an?|the) /, '');
  }
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
