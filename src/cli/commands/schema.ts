import { teamJsonSchema } from '../../team/index.ts';
import type { Io } from '../terminal/io.ts';
import { Output } from '../terminal/output.ts';

/** `yonder schema` */
export async function schema(io: Io): Promise<number> {
  await new Output(io).text(`${JSON.stringify(teamJsonSchema(), undefined, 2)}\n`);
  return 0;
}
