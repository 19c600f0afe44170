import { expect } from 'vitest';
import { ofType, only, stopReason, teamOf, type Behaviours } from '../support.ts';

const TOP = ['providers:', '  mine: {base_url: "http://open.test/v1"}'];
const TEAM = teamOf(['think'], { model: 'mine/open-model', top: TOP });
const CALL = '<tool_call>{"name": "think", "arguments": {"thought": "hm"}}</tool_call>';

export const writtenCallBehaviours: Behaviours = {
  'a call that an open model writes as text is made, and its text is no part of the answer': async ({
    open,
  }) => {
    const world = await open([{ text: `One moment.\n${CALL}` }, { text: 'done' }]);
    const events = await world.run(await world.session(TEAM), 'go');
    expect(stopReason(events)).toBe('normal');
    expect(only(events, 'tool_call')['tool_call']).toMatchObject({
      function: { name: 'think', arguments: '{"thought":"hm"}' },
    });
    expect(only(events, 'tool_call_response')).toBeDefined();
    expect(JSON.stringify(events)).not.toContain('<tool_call>');
    const [first] = ofType(events, 'message_added');
    expect(first?.['message']).toMatchObject({ content: 'One moment.', finish_reason: 'tool-calls' });
  },

  'such a text in a code fence is shown and not carried out': async ({ open }) => {
    const world = await open([{ text: `Write:\n\`\`\`\n${CALL}\n\`\`\`` }]);
    const events = await world.run(await world.session(TEAM), 'how?');
    expect(stopReason(events)).toBe('normal');
    expect(ofType(events, 'tool_call')).toEqual([]);
    expect(only(events, 'message_added')['message']).toMatchObject({
      content: expect.stringContaining(CALL),
    });
  },
};
