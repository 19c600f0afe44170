import { connect, type Socket } from 'node:net';
import type { HostileRequest } from './requests.ts';
import type { Random } from './random.ts';

/** An answer as its bytes say. */
export interface RawAnswer {
  status: number;
  headers: Headers;
  text: string;
}

/** The bytes of a request, on a connection that ends with its answer. */
export function wireBytes({ method, target, headers, body }: HostileRequest, host: string): Buffer {
  const fields = Object.entries({ host, ...headers, connection: 'close' });
  if (body !== undefined) fields.push(['content-length', String(body.byteLength)]);
  const head = [`${method} ${target} HTTP/1.1`, ...fields.map(([name, value]) => `${name}: ${value}`)];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body ?? Buffer.alloc(0)]);
}

/** The same bytes, no good request any more: its head is broken somewhere. */
export function spoiledBytes(bytes: Buffer, random: Random): Buffer {
  const text = bytes.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const [head, body] = [text.slice(0, end), text.slice(end)];
  const spoiled = random.pick<() => string>([
    () => text.replace('HTTP/1.1', random.pick(['HTTP/9.9', 'HTTP/1.1 x', 'SPDY', ''])),
    () => text.replace(/^\S+ /, ''),
    () => text.replace(/^\S+/, random.pick(['G\0T', 'ge t', '\u00e9', '{}', 'A'.repeat(20_000)])),
    () =>
      text.replace(
        / \/\S*/,
        random.pick([' /a b', ' \\', ' /\0', ' http://evil.test/v1/capabilities', ' *']),
      ),
    () =>
      text.replace(
        /host: \S+\r\n/,
        random.pick(['', 'host: evil.test\r\n', 'host: a\r\nhost: b\r\n', 'host: \0\r\n']),
      ),
    () => `${head}\r\nx: ${'a'.repeat(20_000)}${body}`,
    () => `${head}\r\nbad header${body}`,
    () => `${head}\r\nx\0: y${body}`,
    () => `${head}\r\ncontent-length: -1${body}`,
    () => `${head}\r\ncontent-length: 1\r\ncontent-length: 2${body}`,
    () => `${head}\r\ntransfer-encoding: chunked\r\ncontent-length: 5${body}`,
    () => `${head}\r\ntransfer-encoding: chunked, gzip${body}`,
    () => '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
    () => '\r\n'.repeat(40_000),
    () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  ])();
  return Buffer.from(spoiled, 'latin1');
}

/**
 * Sends bytes and gives what comes back until the other side ends; undefined where it ended without a word. Of what is no whole request the end is
 * said too, so that nobody waits for the rest.
 */
export async function exchangeBytes(
  port: number,
  bytes: Buffer,
  isWhole: boolean,
): Promise<RawAnswer | undefined> {
  const socket = opened(port);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  const ended = closed(socket);
  if (isWhole) socket.write(bytes);
  else socket.end(bytes);
  await ended;
  return chunks.length === 0 ? undefined : readAnswer(Buffer.concat(chunks));
}

/** Sends bytes and is gone. */
export async function sendAndDrop(port: number, bytes: Buffer): Promise<void> {
  const socket = opened(port);
  const ended = closed(socket);
  socket.write(bytes, () => socket.destroy());
  await ended;
}

function opened(port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1' });
  // A server may end a connection in the middle of what is no request; that is looked at by what came back.
  socket.on('error', () => socket.destroy());
  return socket;
}

function closed(socket: Socket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.setTimeout(30_000, () => reject(new Error('no answer within 30 s')));
  socket.once('close', () => resolve());
  return promise.finally(() => socket.destroy());
}

function readAnswer(bytes: Buffer): RawAnswer {
  const text = bytes.toString('utf8');
  const end = text.indexOf('\r\n\r\n');
  const [line = '', ...fields] = text.slice(0, end).split('\r\n');
  const headers = new Headers(
    fields.map((field): [string, string] => {
      const colon = field.indexOf(':');
      return [field.slice(0, colon), field.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(line.split(' ')[1]), headers, text: text.slice(end + 4) };
}
