import type { UploadProgress } from '../../client/upload-body.ts';
import type { Io } from '../terminal/io.ts';
import { printable } from '../terminal/style.ts';

/** Who says to a person what the connection is doing. A conversation puts one in its place that knows its screen. */
export interface Telling {
  line(text: string): void;
  uploading(progress: UploadProgress): void;
}

/** Smaller files are there before anybody has read of it. */
const LARGE = 2 * 1024 * 1024;

/** Lines on stderr; on a terminal one that shows how far a large upload is, and goes when it is done. */
export function stderrTelling(io: Io): Telling {
  const isTerminal = io.stderr.isTTY === true;
  return {
    line: (text) => void io.stderr.write(`${text}\n`),
    uploading(progress) {
      if (!isTerminal || progress.total < LARGE) return;
      const isDone = progress.sent >= progress.total;
      io.stderr.write(isDone ? '\r\x1b[K' : `\r${uploadText(progress)}\x1b[K`);
    },
  };
}

/** Says each quarter of a large upload as a line of its own. */
export function lineTelling(line: (text: string) => void): Telling {
  let said = -1;
  return {
    line,
    uploading(progress) {
      if (progress.total < LARGE) return;
      const quarter = Math.floor((progress.sent * 4) / progress.total);
      if (quarter !== said && quarter < 4) line(uploadText(progress));
      said = quarter;
    },
  };
}

function uploadText({ name, sent, total }: UploadProgress): string {
  const percent = Math.floor((sent * 100) / total);
  return `uploading ${printable(name ?? 'a file')}: ${percent}% of ${(total / 1024 / 1024).toFixed(1)} MiB`;
}
