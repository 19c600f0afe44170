import { expect, test } from 'vitest';
import { foldEvent } from '../../../src/runtime/fold/fold.ts';
import { emptyState } from '../../../src/runtime/fold/state.ts';

const SESSION = { session_id: 's', run_id: 'r' };

test('a question that recovery puts again waits since it was put first', () => {
  const state = emptyState('s');
  const call = { id: 'c', type: 'function', function: { name: 'shell', arguments: '{}' } };
  const asked = {
    type: 'tool_call_confirmation',
    ...SESSION,
    tool_call: call,
    request_id: 'q',
    held_by: 'step',
  };
  const events = [
    { type: 'stream_started', ...SESSION, agent_name: 'root' },
    { type: 'tool_call', ...SESSION, tool_call: call, index: 0 },
    { ...asked, timestamp: '2026-01-01T00:00:00.000Z' },
    { ...asked, timestamp: '2026-01-02T00:00:00.000Z' },
  ];
  for (const [index, event] of events.entries()) {
    const seq = index + 1;
    const stamped = { timestamp: '2026-01-01T00:00:00.000Z', ...event, seq };
    foldEvent(state, { seq, type: event.type, json: JSON.stringify(stamped) });
  }
  expect(state.asked_at.get('q')).toBe(Date.parse('2026-01-01T00:00:00.000Z'));
  const resolved = {
    type: 'interaction_resolved',
    ...SESSION,
    request_id: 'q',
    kind: 'tool_call_confirmation',
  };
  const last = { ...resolved, outcome: 'expired', timestamp: '2026-01-03T00:00:00.000Z', seq: 5 };
  foldEvent(state, { seq: 5, type: last.type, json: JSON.stringify(last) });
  expect(state.asked_at.size).toBe(0);
});
