import { decodeEvent, eventKind, isEventType } from '../../protocol/events/events.ts';
import { toYonderError } from '../../protocol/errors.ts';
import { eventFaults } from './document-judge.ts';

/**
 * Judges an event stream piece by piece (WIRE.md section 2): LF alone, `id:` exactly for durable events and equal to their `seq`, one `data:` line
 * of JSON that is a declared event with its fields, no `event:`, numbers without a gap.
 */
export class SseJudge {
  readonly faults: string[] = [];
  #rest = '';
  #last: number | undefined;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });

  /** The next bytes as they came. */
  take(bytes: Uint8Array): void {
    try {
      this.#rest += this.#decoder.decode(bytes, { stream: true });
    } catch (thrown) {
      this.#fault(`not UTF-8: ${toYonderError(thrown).message}`);
      return;
    }
    for (let end = this.#rest.indexOf('\n\n'); end !== -1; end = this.#rest.indexOf('\n\n')) {
      const frame = this.#rest.slice(0, end);
      this.#rest = this.#rest.slice(end + 2);
      this.#frame(frame);
    }
  }

  /** The stream ended by itself; one that was cut may end anywhere and is not told here. */
  end(): void {
    if (this.#rest !== '') this.#fault(`it ended within a frame: ${this.#rest.slice(0, 100)}`);
  }

  #frame(frame: string): void {
    if (frame.includes('\r')) this.#fault('a CR');
    let id: string | undefined;
    let data: string | undefined;
    for (const line of frame.split('\n')) {
      const { name, value } = /^(?<name>[a-z]*): (?<value>.*)$/.exec(line)?.groups ?? {};
      if (name === 'id' && id === undefined && data === undefined) id = value;
      else if (name === 'data' && data === undefined) data = value;
      else if (name === 'retry' && /^\d+$/.test(value ?? '')) continue;
      else if (name !== '') this.#fault(`a line that does not belong there: ${line.slice(0, 100)}`);
    }
    if (data !== undefined) this.#event(id, data);
    else if (id !== undefined) this.#fault(`an id without an event: ${id}`);
  }

  #event(id: string | undefined, data: string): void {
    let event: { type: string; seq?: number };
    try {
      event = decodeEvent(data);
    } catch (thrown) {
      this.#fault(toYonderError(thrown).message);
      return;
    }
    if (!isEventType(event.type)) this.#fault(`${event.type} is declared nowhere`);
    const durable = eventKind(event.type, event.seq) === 'durable';
    if (durable ? id !== String(event.seq) : id !== undefined || event.seq !== undefined)
      this.#fault(`${event.type} with seq ${event.seq} has id ${id}`);
    if (!durable || event.seq === undefined) return;
    for (const fault of eventFaults(event.type, event)) this.#fault(`${event.type}: ${fault}`);
    if (this.#last !== undefined && event.seq !== this.#last + 1)
      this.#fault(`after event ${this.#last} came ${event.seq}`);
    this.#last = event.seq;
  }

  #fault(words: string): void {
    this.faults.push(words);
  }
}
