import path from 'node:path';

const root = path.join(import.meta.dirname, '..');

/** The shortest useful run, as the command is started: two model calls from a cassette, one `read_file`, one `shell`, everything logged. */
export const HELLO: readonly string[] = [
  path.join(root, 'bin/yonder.js'),
  'run',
  path.join(root, 'examples/hello.yaml'),
  '--exec',
  '--json',
  '--yolo',
  '--fake',
  path.join(root, 'examples/cassettes/hello.yaml'),
  'What is this folder about?',
];
