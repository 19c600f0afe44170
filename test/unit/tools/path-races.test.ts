import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openPlaces, type Place, tryOnRunner, USES } from './attacks/place.ts';

/** Another process exchanges what stands at these paths as fast as it can, until its stdin ends. What is gone meanwhile is passed over. */
const SWAPPER = `
const fs = require('node:fs');
const [root, outside] = process.argv.slice(1);
const at = (name) => root + '/' + name;
let going = true;
process.stdin.on('end', () => (going = false)).resume();
const attempt = (act) => { try { act(); } catch (error) { if (!error.code) throw error; } };
const move = (from, to) => attempt(() => fs.renameSync(from, to));
const link = (target, name) => attempt(() => fs.symlinkSync(target, name));
const unlink = (name) => attempt(() => fs.unlinkSync(name));
const exchange = (name, act, undo) => { move(at(name), at(name + '.away')); act(at(name)); undo(at(name)); move(at(name + '.away'), at(name)); };
console.log('ready');
(function swap() {
  for (let turn = 0; turn < 50; turn += 1) {
    exchange('folder', (name) => link(outside, name), unlink);
    for (let again = 0; again < 5; again += 1) exchange('file', (name) => link(outside + '/secret', name), unlink);
    exchange('pipe', (name) => move(at('a-pipe'), name), (name) => move(name, at('a-pipe')));
    exchange('kind', (name) => attempt(() => fs.writeFileSync(name, 'needle')), unlink);
    exchange('top', (name) => link(outside, name), unlink);
    move(at('high/low'), outside + '/low.moved');
    move(outside + '/low.moved', at('high/low'));
  }
  if (going) setImmediate(swap);
})();`;

const PATHS = ['folder/f', 'file', 'pipe', 'kind/f', 'top/sub/f', 'high/low/f', 'high/low/../../file', '.'];

function fill({ root }: Place): void {
  for (const folder of ['folder', 'kind', 'top/sub', 'high/low']) {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, 'f'), 'needle');
  }
  for (const file of ['file', 'pipe']) writeFileSync(join(root, file), 'needle');
  execFileSync('mkfifo', [join(root, 'a-pipe')]);
}

/** Errors that a path that changes under one's hands may give; anything else is a fault of ours. */
const TOLD = ['path_escape', 'not_found', 'invalid_request', 'conflict'];
const GIVEN = ['needle', 'w', 'edited', 'nothing', 'made', 'replaced', 'removed', 'f'];

test.runIf(process.platform === 'linux')(
  'while another process exchanges folders, files, links and pipes, nothing outside is read or touched',
  async () => {
    const places = await openPlaces(true);
    const seen = await places(async (place) => {
      fill(place);
      const swapper = spawn(process.execPath, ['-e', SWAPPER, place.root, place.outside], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const outcomes = new Map<string, Set<string>>(PATHS.map((path) => [path, new Set()]));
      try {
        await once(swapper.stdout, 'data');
        const ends = performance.now() + 1500;
        while (performance.now() < ends) {
          for (const path of PATHS) {
            // Between a look and the opening there are microseconds: it takes many tries to hit them.
            for (let turn = 0; turn < 200 && (path === 'file' || path === 'pipe'); turn += 1)
              outcomes.get(path)?.add(await tryOnRunner(place, 'read', path));
            const uses = path === '.' ? (['list', 'search'] as const) : USES;
            for (const use of uses) {
              const got = await tryOnRunner(place, use, path);
              outcomes.get(path)?.add(path === '.' && !got.includes('SECRET') ? 'shown' : got);
            }
            // Gone by our own hand: it is to be there again for the next round.
            await tryOnRunner(place, 'write', path);
          }
        }
      } finally {
        swapper.stdin.end();
        await once(swapper, 'exit');
      }
      for (const name of readdirSync(place.outside)) expect(['secret', 'sub']).toContain(name);
      expect(readFileSync(join(place.outside, 'secret'), 'utf8')).toBe('SECRET needle');
      return outcomes;
    });
    for (const [path, outcomes] of seen) {
      const strange = [...outcomes].filter((outcome) => ![...TOLD, ...GIVEN, 'shown'].includes(outcome));
      expect({ path, strange }).toEqual({ path, strange: [] });
    }
    // The race was one: both sides of an exchange were met.
    const all = new Set([...seen.values()].flatMap((outcomes) => [...outcomes]));
    for (const outcome of ['path_escape', 'invalid_request', 'needle', 'edited', 'removed'])
      expect(all.has(outcome)).toBe(true);
  },
);
