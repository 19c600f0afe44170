import { YonderError, type YonderErrorOptions } from '../protocol/errors.ts';

/** `invalid_request` whose answer has headers of its own, e.g. `Allow`. */
export class Refusal extends YonderError {
  readonly headers: Readonly<Record<string, string>>;

  constructor(message: string, headers: Readonly<Record<string, string>>, options: YonderErrorOptions = {}) {
    super('invalid_request', message, options);
    this.name = 'Refusal';
    this.headers = headers;
  }
}
