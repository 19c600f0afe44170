import type { Backend } from '../../protocol/backend.ts';
import type { Interrupts } from '../terminal/interrupts.ts';
import type { Io } from '../terminal/io.ts';
import type { LogFile } from '../terminal/log-file.ts';
import type { Output } from '../terminal/output.ts';
import type { Prepared } from './prepare.ts';

/** What one `run` on the command line works with. */
export interface RunTeam {
  prepared: Prepared;
  backend: Backend;
  io: Io;
  output: Output;
  interrupts: Interrupts;
  log?: LogFile | undefined;
}
