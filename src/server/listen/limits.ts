/** What a connection may take, so that no client holds a server up. Times in milliseconds, sizes in bytes. */
export interface ServerLimits {
  /** Request line and headers together. */
  header_bytes: number;
  headers: number;
  /** From the connection, or the first byte of a further request, to the end of the headers. */
  headers_ms: number;
  /** A body may take this long, and a second more for each `body_bytes_per_second`. */
  body_ms: number;
  body_bytes_per_second: number;
  /** A connection without a request is kept for so long. */
  keep_alive_ms: number;
  connections: number;
  /** A reader that takes nothing for so long is let go; a stream says `retry:` and ends, and goes on from the log. */
  stalled_ms: number;
  /** How often times of headers are looked at. */
  check_ms: number;
}

export const SERVER_LIMITS: ServerLimits = {
  header_bytes: 16 * 1024,
  headers: 100,
  headers_ms: 15_000,
  body_ms: 20_000,
  body_bytes_per_second: 16 * 1024,
  keep_alive_ms: 65_000,
  connections: 5_000,
  stalled_ms: 30_000,
  check_ms: 5_000,
};
