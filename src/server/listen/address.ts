import { YonderError } from '../../protocol/errors.ts';

/** Where a server listens: `host:port` (port 0: one that is free), `unix:///absolute/path`, or `fd://N`, a socket that another program opened. */
export type Address =
  | { kind: 'tcp'; host: string; port: number }
  | { kind: 'unix'; path: string }
  | { kind: 'fd'; fd: number };

/** Reads what `--listen` names; `invalid_request` says how an address is written. */
export function readAddress(text: string): Address {
  if (text.startsWith('unix:')) return unixAddress(text);
  if (text.startsWith('fd:')) return fdAddress(text);
  const [, v6, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([^:/\s]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = v6 ?? name;
  const port = Number(digits);
  if (host === undefined || port > 65_535) {
    throw new YonderError(
      'invalid_request',
      `--listen ${text} is no address; write host:port, e.g. 127.0.0.1:8080, unix:///path/to/socket, or fd://3`,
    );
  }
  return { kind: 'tcp', host, port };
}

/** `http://host:port` or `unix:///path`, as a client is given it. */
export function urlOf(address: Address, secure: boolean): string {
  if (address.kind === 'unix') return `unix://${address.path}`;
  if (address.kind === 'fd') return `fd://${address.fd}`;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${secure ? 'https' : 'http'}://${host}:${address.port}`;
}

function unixAddress(text: string): Address {
  const path = text.slice('unix://'.length);
  if (text.startsWith('unix:///') && path !== '/' && !path.endsWith('/') && !path.includes('\0'))
    return { kind: 'unix', path };
  throw new YonderError(
    'invalid_request',
    `--listen ${text}: write the socket's absolute path, unix:///path/to/socket`,
  );
}

/** 0 to 2 are this program's own input and output. */
function fdAddress(text: string): Address {
  const [, digits] = /^fd:\/\/(\d{1,6})$/.exec(text) ?? [];
  const fd = Number(digits);
  if (digits !== undefined && fd > 2) return { kind: 'fd', fd };
  throw new YonderError(
    'invalid_request',
    `--listen ${text}: write the number of a listening socket that was passed on, fd://3 or above`,
  );
}
