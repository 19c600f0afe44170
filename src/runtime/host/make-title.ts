import type { FinishPart } from '../../model/call.ts';
import { toYonderError } from '../../protocol/errors.ts';
import type { Message } from '../../protocol/message.ts';
import type { InputRow } from '../../protocol/store.ts';
import { newId } from '../ids.ts';
import { treeTotals } from '../loop/record-answer.ts';
import { currentAgent } from './describe.ts';
import type { OpenSession } from './open-session.ts';

/** Reference 7.9: 30 s, 20 tokens, the first two messages of the person, 50 characters. */
const TIME_LIMIT = 30_000;
const LONGEST = 50;

/** Asks the model for a title, between runs. While a cassette plays the title stays: no call that was not recorded is made. */
export async function makeTitle(session: OpenSession, row: InputRow, signal: AbortSignal): Promise<void> {
  const { log } = session;
  const fields = { session_id: log.root_id };
  const taken = {
    type: 'input_taken',
    fields: { ...fields, input_id: row.input_id, kind: row.kind, by: row.by },
  };
  const said = (log.state.conversations.get(log.root_id)?.messages ?? [])
    .filter((message) => message.role === 'user')
    .slice(0, 2);
  if (!session.models.needsKey || said.length === 0) {
    await log.append({ events: [taken], taken: [row.input_id] });
    return;
  }
  try {
    const before = log.state.title;
    const { title: made, part } = await askForTitle(
      session,
      said,
      AbortSignal.any([signal, AbortSignal.timeout(TIME_LIMIT)]),
    );
    // A person was faster: theirs stays, and what this one cost is told with it.
    const title = log.state.title === before ? made : log.state.title;
    await log.append({
      events: [taken, { type: 'session_title', fields: { ...fields, title, ...spentBy(part) } }],
      taken: [row.input_id],
      session: { title, ...treeTotals(session, part) },
    });
  } catch (thrown) {
    const message = `no title was made: ${toYonderError(thrown, 'model_error').message}`;
    await log.append({
      events: [taken, { type: 'warning', fields: { ...fields, message } }],
      taken: [row.input_id],
    });
  }
}

async function askForTitle(
  session: OpenSession,
  said: readonly Message[],
  signal: AbortSignal,
): Promise<{ title: string; part: FinishPart }> {
  const agent = currentAgent(session);
  const name = session.log.state.models.get(agent.name) ?? agent.models[0] ?? 'auto';
  const model = await session.model(name);
  await session.log.append({
    flush: true,
    events: [
      {
        type: 'model_call',
        fields: {
          session_id: session.root_id,
          model: name,
          turn: 0,
          attempt: 1,
          purpose: 'title',
          message_id: newId('msg'),
        },
      },
    ],
  });
  const content = said.map((message) => message.content.slice(0, 2_000)).join('\n\n');
  const stream = session.models.stream(
    {
      model: { ...model, max_tokens: 200 },
      system: [
        'Give this conversation a title of at most six words. Answer with the title alone, without quotes.',
      ],
      messages: [{ message_id: newId('msg'), role: 'user', content, created_at: '' }],
      tools: [],
      loadBlob: () => Promise.reject(new TypeError('a title is made from text')),
    },
    signal,
  );
  for await (const part of stream) {
    if (part.type !== 'finish') continue;
    const line = part.text
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/^["'#* ]+|["'* ]+$/g, '')
      .trim();
    const title = line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
    if (title !== '') return { title, part };
  }
  throw new TypeError('the model gave no title');
}

/** Part of what the session costs, as every call of a model is. */
function spentBy({ model, usage, cost }: FinishPart): Record<string, unknown> {
  return { model, usage, ...(cost === undefined ? {} : { cost }) };
}
