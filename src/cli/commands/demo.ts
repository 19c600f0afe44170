import type { Io } from '../terminal/io.ts';

export async function demo(io: Io): Promise<number> {
  io.stderr.write('not yet\n');
  return 1;
}
