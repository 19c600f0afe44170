// Measures every row of bench/rows/ and prints the table.
//
//   node bench/run.ts [--write] [PART-OF-A-NAME...]      --write puts the table into bench/README.md
//
// Exit code 1 when a bar is missed.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Figure, measureRow, type Row } from './row.ts';

const { values, positionals } = parseArgs({
  options: { write: { type: 'boolean', default: false } },
  allowPositionals: true,
});
if (values.write && positionals.length > 0) throw new Error('--write takes all rows or none');

const folder = path.join(import.meta.dirname, 'rows');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .filter((name) => positionals.length === 0 || positionals.some((part) => name.includes(part)))
  .toSorted();

const lines = ['| what | against | figure | bar | result | |', '|---|---|---|---|---|---|'];
let missed = 0;
for (const name of names) {
  const { row }: { row: Row } = await import(path.join(folder, name));
  for (const figure of await measureRow(row)) {
    if (!figure.met) missed += 1;
    lines.push(tableLine(row, figure));
    console.error(lines.at(-1));
  }
}
const table = lines.join('\n');
console.log(`\n${table}`);
if (values.write) writeResults(table);
if (missed > 0) console.error(`\n${missed} of ${lines.length - 2} figures miss their bar`);
process.exitCode = missed === 0 ? 0 : 1;

function tableLine(row: Row, { name, bar, result, met }: Figure): string {
  return `| ${row.what} | ${row.against ?? ''} | ${name} | ${bar} | ${result} | ${met ? 'met' : 'MISSED'} |`;
}

/** Replaces what stands below the heading of the results. */
function writeResults(results: string): void {
  const file = path.join(import.meta.dirname, 'README.md');
  const heading = '## Last results\n';
  const [above] = readFileSync(file, 'utf8').split(heading);
  const machine = `${os.platform()} ${os.arch()}, ${os.availableParallelism()} cores, Node ${process.versions.node}`;
  const day = new Date().toISOString().slice(0, 10);
  writeFileSync(file, `${above}${heading}\n${day}, ${machine}.\n\n${results}\n`);
}
