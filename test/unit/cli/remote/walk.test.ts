import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { blocksOf, commandsOf, simpleCommands } from '../../../house/pages/blocks.ts';
import { two } from './served.ts';

const ROOT = path.resolve(import.meta.dirname, '../../../..');

test(
  'every command of docs/using-a-server.md works as it stands, beside a server',
  { timeout: 60_000 },
  async () => {
    const place = await two();
    const files = ['hello.yaml', 'cassettes/hello.yaml'];
    mkdirSync(path.join(place.here, 'examples/cassettes'), { recursive: true });
    copyFileSync(path.join(ROOT, 'examples/hello.yaml'), path.join(place.here, 'hello.yaml'));
    for (const file of files)
      copyFileSync(path.join(ROOT, 'examples', file), path.join(place.here, 'examples', file));
    const page = readFileSync(path.join(ROOT, 'docs/using-a-server.md'), 'utf8');
    const commands = blocksOf(page).flatMap((block) => (block.word === 'server' ? commandsOf(block) : []));
    const [serving, ...others] = commands;
    expect(serving?.text).toBe('yonder serve api --listen 127.0.0.1:8080 --auth-token secret');
    // The page's port may be somebody's.
    const address = await place.serve('127.0.0.1:0', ['--auth-token', 'secret']);
    expect(others.length).toBeGreaterThan(6);
    for (const { text, line, exit } of others) {
      const [[, ...words] = []] = simpleCommands(text.replace('http://127.0.0.1:8080', address));
      const came = await place.yonder(words);
      expect(came.exit, `docs/using-a-server.md:${line}: ${text}\n${came.err}`).toBe(exit);
    }
  },
);
