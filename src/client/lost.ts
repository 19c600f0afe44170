import { YonderError } from '../protocol/errors.ts';

/** The connection, not the server: whether the server took the request is unknown, so that it may be sent again under its key (R18). */
export class ConnectionLostError extends YonderError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super('unavailable', message, options);
  }
}
