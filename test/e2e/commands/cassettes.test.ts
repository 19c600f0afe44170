import { expect } from 'vitest';
import { scriptCassette } from '../../../src/testing/model-server/script-cassette.ts';
import { eventsOf, played, test } from '../cli.ts';

test.concurrent('a session goes on with another cassette from its beginning', async ({ place }) => {
  const words = await played(place, [{ text: 'First.' }]);
  const begun = await place.run([...words, '--json', 'one']);
  const id = String(eventsOf(begun.stdout)[0]?.['session_id']);
  await place.write(
    'other.yaml',
    scriptCassette([{ text: 'Second.' }], { api: 'openai_chatcompletions', model: 'gpt-4o' }),
  );
  const other = ['run', '--exec', '--session', id, '--fake', 'other.yaml', '--fake-match', 'order'];
  expect(await place.run([...other, 'two'])).toMatchObject({ code: 0, stdout: 'Second.\n' });
  const over = await place.run([...other, 'three']);
  expect(over.code).toBe(1);
  expect(over.stderr).toContain('all of them were played');
  expect(over.stderr).not.toContain('other.yaml');
});
