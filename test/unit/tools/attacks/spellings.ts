import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Attack, beside, FILE, FOLDER, INVALID, MISSING, NO_FOLDER, OUT, under } from './attack.ts';

/** Attacks by how a path is written. */
export const SPELLINGS: Record<string, Attack> = {
  'up and out': { path: '../work-outside/secret', gets: OUT },
  'up and out, with dots between': { path: './././d/.././../work-outside/./secret', gets: OUT },
  'up from a folder that is there': { path: 'd/e/../../../work-outside/secret', gets: OUT },
  'up from a folder that is missing': {
    path: 'none/../../work-outside/secret',
    gets: OUT,
  },
  'up to the top and down again': { path: `${'../'.repeat(60)}etc/passwd`, gets: OUT },
  'the folder above': { path: '..', gets: OUT },
  'the folder above, with slashes': { path: '..//', gets: OUT },
  'the top': { path: '/', gets: OUT },
  'two slashes at the beginning': { path: '//etc/passwd', gets: OUT },
  'from the top': { path: beside('secret'), gets: OUT },
  'from the top, through the workspace': { path: under('../work-outside/secret'), gets: OUT },
  'a name that begins like the workspace': { path: ({ root }) => `${root}-outside/secret`, gets: OUT },
  'the workspace in capitals': { path: ({ root }) => root.toUpperCase(), gets: OUT },
  'the workspace itself': { path: '.', gets: { ...FOLDER, list: 'a.txt d', search: 'needle a needle f' } },
  'the workspace by a way round': {
    path: 'd/..',
    gets: { ...FOLDER, list: 'a.txt d', search: 'needle a needle f' },
  },
  'the workspace from the top': {
    path: under('.'),
    gets: { ...FOLDER, list: 'a.txt d', search: 'needle a needle f' },
  },
  'a file with a slash behind it': { path: 'a.txt/', gets: FILE },
  'a file with a dot behind it': { path: 'a.txt/.', gets: FILE },
  'up from a file': { path: 'a.txt/../../work-outside/secret', gets: INVALID },
  'below a file': { path: 'a.txt/x', gets: INVALID },
  'many slashes and dots': { path: `${'.//'.repeat(1300)}a.txt`, gets: FILE },
  empty: { path: '', gets: INVALID },
  'NUL in the middle': { path: 'a.txt\0/../../work-outside/secret', gets: INVALID },
  'NUL at the end': { path: 'a.txt\0', gets: INVALID },
  'half a character': { path: 'a\uD800.txt', gets: INVALID },
  'a name of 256 letters': { path: 'n'.repeat(256), gets: INVALID },
  'a name of 100,000 letters': { path: 'n'.repeat(100_000), gets: INVALID },
  'a path of 3,000 folders': { path: 'n/'.repeat(3000), gets: INVALID },
  'newlines in a name': { path: '..\n/../work-outside/secret', gets: NO_FOLDER },
  'a name of newlines': { path: '\n..\n', gets: MISSING },
  'full-width dots': { path: '\uFF0E\uFF0E/work-outside/secret', gets: NO_FOLDER },
  'a two-dot leader': { path: '\u2025/work-outside/secret', gets: NO_FOLDER },
  'a slash that is none': { path: '..\u2215work-outside\u2215secret', gets: MISSING },
  'a zero-width space between dots': { path: '.\u200B./work-outside/secret', gets: NO_FOLDER },
  backslashes: { path: String.raw`..\work-outside\secret`, gets: MISSING },
  'dots in percents': { path: '%2e%2e/work-outside/secret', gets: NO_FOLDER },
  'a home folder': { path: '~/secret', gets: NO_FOLDER },
  'a variable': { path: '$HOME', gets: MISSING },
  'an address of a file': { path: 'file:///etc/passwd', gets: NO_FOLDER },
  'other capitals': { path: 'A.TXT', gets: MISSING },
  'an accent that is composed otherwise': {
    path: 'cafe\u0301',
    prepare: ({ root }) => writeFileSync(join(root, 'caf\u00E9'), 'needle'),
    gets: MISSING,
  },
  'a folder that became a file': {
    path: 'd/e/f',
    prepare({ root }) {
      rmSync(join(root, 'd'), { recursive: true });
      writeFileSync(join(root, 'd'), 'needle');
    },
    gets: INVALID,
  },
  'a file that became a folder': {
    path: 'a.txt',
    prepare({ root }) {
      rmSync(join(root, 'a.txt'));
      mkdirSync(join(root, 'a.txt'));
      renameSync(join(root, 'd', 'e', 'f'), join(root, 'a.txt', 'f'));
    },
    gets: { ...FOLDER, list: 'f', search: 'needle f', remove: 'conflict' },
  },
};
