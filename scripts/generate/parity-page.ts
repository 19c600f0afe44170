import { readFileSync } from 'node:fs';
import path from 'node:path';
import { FEATURES, type Feature } from './parity-features.ts';

/** In which arms the last long run saw each behaviour pass, by its title. `npm run parity` writes it. */
export type Seen = Readonly<Record<string, readonly string[]>>;

/** The arms of the contract suite, as a person calls them. */
export const PLACES: Readonly<Record<string, string>> = {
  local: 'here',
  handler: 'HTTP messages in one process',
  tcp: '`http://`',
  unix: '`unix://`',
  cut: '`http://`, cut again and again',
};

const ARMS = Object.keys(PLACES);

/** docs/parity.md: what the contract suite saw, feature by place. Throws for a cell that no run filled. */
export function parityPage(root: string): string {
  const seen = JSON.parse(readFileSync(path.join(root, 'scripts/generate/parity-seen.json'), 'utf8')) as Seen;
  const empty = emptyCells(FEATURES, seen);
  if (empty.length > 0) throw new Error(`no run has shown these yet (npm run parity):\n${empty.join('\n')}`);
  const sections = [...new Set(FEATURES.map(({ section }) => section))];
  return [
    '# The same everywhere',
    '',
    '<!-- Written by `npm run generate` from scripts/generate/parity-features.ts and what `npm run parity` saw; do not edit. -->',
    '',
    'What works in a run on this machine works on a server, with the same events, files, questions and errors; what is not built yet is refused with the same',
    '`unsupported` in every place, before anything happens. Each cell of this page is one behaviour of the contract suite that ran in that place: the same test',
    'against a Backend in this process, against the messages of the server without a socket, over TCP, over a unix socket, and over TCP whose connections are',
    "cut at random places again and again. `ssh://` is a unix socket at the other end of the system's ssh.",
    ...sections.flatMap((section) => tableOf(section, seen)),
    '',
  ].join('\n');
}

/** Cells that no run has filled, in words. */
export function emptyCells(features: readonly Feature[], seen: Seen): string[] {
  return features.flatMap(({ feature, behaviour }) =>
    ARMS.filter((arm) => seen[behaviour]?.includes(arm) !== true).map(
      (arm) => `${feature}, ${arm}: ${behaviour}`,
    ),
  );
}

function tableOf(section: string, seen: Seen): string[] {
  const rows = FEATURES.filter((feature) => feature.section === section);
  return [
    '',
    `## ${section}`,
    '',
    `| feature | ${ARMS.map((arm) => PLACES[arm]).join(' | ')} |`,
    `|---|${ARMS.map(() => '---').join('|')}|`,
    ...rows.map((row) => `| ${row.feature} | ${ARMS.map((arm) => cellOf(row, arm, seen)).join(' | ')} |`),
  ];
}

function cellOf({ behaviour }: Feature, arm: string, seen: Seen): string {
  if (seen[behaviour]?.includes(arm) !== true) return '';
  return REFUSED.test(behaviour) ? '`unsupported`' : 'works';
}

const REFUSED = / is unsupported, and changes nothing$|and nobody built is refused by name$/;
