import { array, object, type Json } from './check-parts.ts';
import type { ScriptedTurn } from './script.ts';
import { thinkingSignature } from './wire-anthropic.ts';

/** Remembers which calls came with signed thinking; it must come back with them, unchanged. */
export class ThinkingLedger {
  readonly #thinkingByCall = new Map<string, string>();

  /** A turn was answered under this number. */
  sent(turn: ScriptedTurn, number: number): void {
    if ((turn.reasoning ?? '') === '') return;
    for (const [index, call] of (turn.tool_calls ?? []).entries()) {
      this.#thinkingByCall.set(call.id ?? `toolu_${number}_${index + 1}`, turn.reasoning ?? '');
    }
  }

  faults(body: Json): string[] {
    const thinking = object(body['thinking'])['type'];
    if (thinking === undefined || thinking === 'disabled') return [];
    const faults: string[] = [];
    for (const [index, message] of array(body['messages']).entries()) {
      const blocks = array(message['content']);
      for (const block of blocks) {
        if (block['type'] !== 'tool_use') continue;
        const text = this.#thinkingByCall.get(String(block['id']));
        if (text === undefined) continue;
        const kept = blocks.some(
          (one) =>
            one['type'] === 'thinking' &&
            one['thinking'] === text &&
            one['signature'] === thinkingSignature(text),
        );
        if (!kept)
          faults.push(
            `messages[${index}]: the signed thinking of ${String(block['id'])} is missing or changed`,
          );
      }
    }
    return faults;
  }
}
