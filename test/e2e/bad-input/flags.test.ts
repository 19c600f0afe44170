import { describe, expect } from 'vitest';
import { played, STACK, teamText, test } from '../cli.ts';

const FAKE = ['--fake', 'cassette.yaml'];

describe('flags that cannot both be meant: 2, naming both', () => {
  const PAIRS: [string[], string[]][] = [
    [
      ['--yolo', '--safety', 'strict'],
      ['--yolo', '--safety'],
    ],
    [
      ['--yolo', '--safety', 'balanced'],
      ['--yolo', '--safety'],
    ],
    [
      ['--safety', 'restricted', '--ask', 'wait'],
      ['--safety restricted', '--ask wait'],
    ],
    [
      ['--fake', 'cassette.yaml', '--record'],
      ['--fake', '--record'],
    ],
    [
      ['--fake-match', 'order'],
      ['--fake-match', '--fake'],
    ],
    [['--fake-stream'], ['--fake-stream', '--fake']],
    [
      ['--session', 'x', '--continue'],
      ['--session', '--continue'],
    ],
    [
      ['--dry-run', '--session', 'x'],
      ['--dry-run', '--session'],
    ],
    [
      ['--dry-run', '--continue'],
      ['--dry-run', '--continue'],
    ],
    [
      ['--dry-run', '--record'],
      ['--dry-run', '--record'],
    ],
    [
      ['--dry-run', '-o', 'x'],
      ['--dry-run', '--output'],
    ],
    [
      ['--allow', 'shell', '--deny', 'shell'],
      ['--allow', '--deny'],
    ],
    [
      ['--allow', 'shell', '--ask-for', 'shell'],
      ['--allow', '--ask-for'],
    ],
  ];
  test.concurrent.for(PAIRS)('%j', async ([flags, named], { place }) => {
    await place.write('team.yaml', teamText());
    const ended = await place.run(['run', 'team.yaml', ...flags, 'hi']);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    for (const name of named) expect(ended.stderr).toContain(name);
  });
});

describe('flags that are none: 2, with what is near', () => {
  const BAD: [string[], RegExp][] = [
    [['--jsn'], /Did you mean --json/],
    [['--yolow'], /Did you mean --yolo/],
    [['--safety', 'blanced'], /strict.*balanced.*restricted.*autonomous/s],
    [['--ask', 'never'], /wait.*refuse/s],
    [['--max-iterations', '-3'], /whole number/],
    [['--max-iterations', 'many'], /whole number/],
    [['--timeout', 'soon'], /90s/],
    [['--timeout', '0'], /90s/],
    [['--fake-match', 'maybe'], /body.*order/s],
    [['--model', 'nope/x'], /unknown provider "nope"/],
    [['--model', 'nobody=openai/gpt-4o'], /nobody/],
    [['--allow', 'shell:cmd'], /pattern/],
    [['--allow', ''], /pattern/],
    [['--session'], /argument missing/],
  ];
  test.concurrent.for(BAD)('%j', async ([flags, says], { place }) => {
    await place.write('team.yaml', teamText());
    const ended = await place.run(['run', 'team.yaml', 'hi', ...flags]);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(says);
    expect(ended.stderr).not.toMatch(STACK);
  });
});

test.concurrent('a rule for a tool that there is not is warned about: it would protect nothing', async ({
  place,
}) => {
  await played(place, [{ text: 'Done.' }]);
  const ended = await place.run(['run', 'team.yaml', '--exec', ...FAKE, '--deny', 'shel:cmd=rm *', 'hi']);
  expect(ended.code).toBe(0);
  expect(ended.stderr).toContain('"shel" is no built-in tool; did you mean "shell"?');
});

test.concurrent('a recording in an unwritable place is refused before the run', async ({ place }) => {
  await place.write('team.yaml', teamText());
  const ended = await place.run(['run', 'team.yaml', '--record=nowhere/tape', 'hi'], {
    env: { OPENAI_API_KEY: 'sk-never-used-0123456789' },
  });
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toMatch(/--record: .*nowhere/);
});
