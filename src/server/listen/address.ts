import { YonderError } from '../../protocol/errors.ts';

/** Where a server listens: `host:port` (port 0: one that is free) or `unix:///absolute/path`. */
export type Address = { kind: 'tcp'; host: string; port: number } | { kind: 'unix'; path: string };

/** Reads what `--listen` names; `invalid_request` says how an address is written. */
export function readAddress(text: string): Address {
  if (text.startsWith('unix://')) {
    const path = text.slice('unix://'.length);
    if (path.startsWith('/')) return { kind: 'unix', path };
    throw new YonderError(
      'invalid_request',
      `--listen ${text}: write the socket's absolute path, unix:///...`,
    );
  }
  const [, v6, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([^:/\s]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = v6 ?? name;
  const port = Number(digits);
  if (host === undefined || port > 65_535) {
    throw new YonderError(
      'invalid_request',
      `--listen ${text} is no address; write host:port, e.g. 127.0.0.1:8080, or unix:///path/to/socket`,
    );
  }
  return { kind: 'tcp', host, port };
}
