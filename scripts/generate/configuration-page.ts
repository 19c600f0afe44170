import { readFileSync } from 'node:fs';
import path from 'node:path';
import { SETTINGS, type SettingRow } from '../../src/config/settings-table.ts';

const BEGIN = '<!-- settings: generated from src/config/settings-table.ts -->';
const END = '<!-- /settings -->';

/** docs/configuration.md with its table of precedence made anew; the rest is written by hand. */
export function configurationPage(root: string): string {
  const text = readFileSync(path.join(root, 'docs/configuration.md'), 'utf8');
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error('docs/configuration.md has no place for its table');
  return `${before}${BEGIN}\n\n${table()}\n\n${END}${after}`;
}

type Row = Omit<SettingRow<unknown>, 'project'> & { project?: unknown };

function table(): string {
  const rows = Object.entries<Row>(SETTINGS).map(([name, row]) =>
    [
      `\`${name}\``,
      row.about,
      code(row.flag),
      variable(row),
      alias(row),
      project(row),
      code(row.user),
      standard(row),
    ].join(' | '),
  );
  return [
    '| setting | what it is | 1. flag | 2. variable | 3. alias | 4. project | 5. your file | 6. default |',
    '|---|---|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

function code(text: string | undefined): string {
  return (text ?? '')
    .split(', ')
    .map((part) => (part === '' ? '' : `\`${part}\``))
    .join(', ');
}

function variable(row: Row): string {
  return row.presence === undefined ? code(row.env) : `\`${row.presence.variable}\`, alone`;
}

function alias(row: Row): string {
  return row.alias === true ? 'yes' : '';
}

function project(row: Row): string {
  if (row.project === undefined) return '';
  return row.project === 'sets' ? 'yes' : 'only stricter';
}

function standard(row: Row): string {
  return row.meaning ?? `\`${String(row.fallback)}\``;
}
