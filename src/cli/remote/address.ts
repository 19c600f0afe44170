import { YonderError } from '../../protocol/errors.ts';

/** Where a server is, as it was written for `--remote`. */
export type RemoteAddress =
  | { kind: 'http'; url: string; host: string; isPrivate: boolean }
  | { kind: 'unix'; path: string; host: string }
  | { kind: 'ssh'; target: string; port: string | undefined; path: string | undefined; host: string };

const FORMS =
  'http(s)://host:port, unix:///path/to/socket, ssh://[user@]host, or a name of `yonder remote list`';

/** Reads a URL of `--remote`; undefined for a word that is none. `invalid_request` for one that cannot be meant. */
export function readRemoteAddress(text: string): RemoteAddress | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return undefined;
  const url = URL.parse(text);
  if (url === null)
    throw new YonderError('invalid_request', `--remote ${text} is no address; write ${FORMS}`);
  if (url.password !== '' || (scheme !== 'ssh' && url.username !== ''))
    throw new YonderError(
      'invalid_request',
      '--remote: a token or password does not stand in an address, where others can read it; give it with --token-file, or in YONDER_TOKEN',
    );
  if (url.search !== '' || url.hash !== '')
    throw new YonderError(
      'invalid_request',
      `--remote ${text}: an address has no ? and no #; write ${FORMS}`,
    );
  switch (scheme) {
    case 'http':
    case 'https':
      return httpAddress(text, url);
    case 'unix':
      return unixAddress(text);
    case 'ssh':
      return sshAddress(text, url);
    default:
      throw new YonderError('invalid_request', `--remote ${text}: ${scheme}:// is not known; write ${FORMS}`);
  }
}

function httpAddress(text: string, url: URL): RemoteAddress {
  if (url.pathname !== '/')
    throw new YonderError(
      'invalid_request',
      `--remote ${text}: an address ends with its port; the routes begin there`,
    );
  return {
    kind: 'http',
    url: url.origin,
    host: url.hostname,
    isPrivate: url.protocol === 'https:' || isLoopback(url.hostname),
  };
}

/** 127.0.0.0/8, ::1 and localhost: what is sent there leaves no machine. */
function isLoopback(hostname: string): boolean {
  return (
    /^127(?:\.\d{1,3}){3}$/.test(hostname) || hostname === '[::1]' || /(?:^|\.)localhost\.?$/i.test(hostname)
  );
}

function unixAddress(text: string): RemoteAddress {
  const path = text.slice('unix://'.length);
  if (!path.startsWith('/') || path.includes('\0'))
    throw new YonderError(
      'invalid_request',
      `--remote ${text}: write the socket's absolute path, unix:///...`,
    );
  return { kind: 'unix', path, host: 'localhost' };
}

/** What is said of a host or user goes to ssh as words of its own: it may not look like a flag, nor hold what a shell would read. */
const SSH_NAME = /^[A-Za-z0-9_.:%[\]-]+$/;

function sshAddress(text: string, url: URL): RemoteAddress {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const user = url.username;
  const names = user === '' ? [host] : [user, host];
  if (!names.every((name) => SSH_NAME.test(name) && !name.startsWith('-')))
    throw new YonderError(
      'invalid_request',
      `--remote ${text}: write ssh://[user@]host[:port][/path/to/socket]`,
    );
  return {
    kind: 'ssh',
    target: user === '' ? host : `${user}@${host}`,
    port: url.port === '' ? undefined : url.port,
    path: url.pathname === '' || url.pathname === '/' ? undefined : decodeURIComponent(url.pathname),
    host,
  };
}
