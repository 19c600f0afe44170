import { describe, expect, test } from 'vitest';
import { leavesTool, leavesWhole, readAllowed } from '../../../src/runtime/skills/allowed-tools.ts';
import { readSkillText } from '../../../src/runtime/skills/front-matter.ts';

const read = (...lines: string[]) => readSkillText(['---', ...lines, '---', 'Text.'].join('\n'), 'folder');

describe('a SKILL.md', () => {
  test('is a name, a description and a text that is kept to the letter', () => {
    const text = '# A\r\n\r\n---\n${env.HOME} !shell(cmd="x") $ARGUMENTS';
    expect(
      readSkillText(`\uFEFF---\r\nname: a\r\ndescription: |\r\n  Does\r\n  a\r\n---\r\n${text}\n`, 'b'),
    ).toEqual({
      name: 'a',
      description: 'Does a',
      fork: false,
      for_person_alone: false,
      for_model_alone: false,
      text,
      warnings: [],
    });
    expect(readSkillText('---\n---\n', 'folder')).toMatchObject({
      name: 'folder',
      text: '',
      warnings: ['it has no description, so that the model cannot tell when to use it'],
    });
  });

  test.each([
    [['allowed-tools: Read, Bash(git log:*) Grep'], ['Read', 'Bash(git log:*)', 'Grep']],
    [['allowed-tools: [Read, "Bash(git log:*)"]'], ['Read', 'Bash(git log:*)']],
    [['allowed_tools: read_file'], ['read_file']],
    [['allowed-tools: ""'], []],
    [['allowed-tools:'], undefined],
  ])('%j', (lines, allowed) => {
    expect(read('description: x', ...lines)).toMatchObject(
      allowed === undefined ? { name: 'folder' } : { allowed_tools: allowed },
    );
    if (allowed === undefined) expect(read('description: x', ...lines)).not.toHaveProperty('allowed_tools');
  });

  test.each([
    ['no front matter', 'Text', /^it has no front matter; begin it with a line of ---/],
    ['no end', '---\nname: a\n', /has no end; close it/],
    ['broken YAML', '---\nname: a\ndescription: one: two\n---\n', /^its front matter is broken in line 3: /],
    ['a list', '---\n- a\n---\n', /is no mapping/],
    ['twice the same key', '---\nname: a\nname: b\n---\n', /broken in line 3: Map keys must be unique/],
    ['a name with a slash', '---\nname: a/b\n---\n', /^its name "a\/b" is none/],
    ['a name that is too long', `---\nname: ${'a'.repeat(65)}\n---\n`, /at most 64$/],
    ['a name that is a number', '---\nname: 3\n---\n', /^its name 3 is none/],
    ['a description that is none', '---\ndescription: [a]\n---\n', /its description is no text/],
    ['tools that are none', '---\nallowed-tools: {a: b}\n---\n', /its allowed-tools is neither/],
    [
      'a bomb of aliases',
      `---\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b]\n---\n`,
      /cannot be read: Excessive alias count/,
    ],
  ])('with %s is said to be wrong', (_, text, words) => {
    expect(readSkillText(text, 'folder')).toMatch(words);
  });

  test('keys that would make it behave otherwise are said, others are not', () => {
    const made = read(
      'description: x',
      'license: MIT',
      'metadata: {a: b}',
      'model: opus',
      'context: other',
      'Hooks: {}',
    );
    expect(made).toMatchObject({
      warnings: [
        'context: "other" is not known; there is fork',
        "model has no effect here: the agent's own model is used",
        'Hooks has no effect here: they do not run',
      ],
    });
    expect(read('description: x', 'context: fork')).toMatchObject({ fork: true });
    expect(read('description: x', 'user-invocable: false')).toMatchObject({ for_model_alone: true });
    expect(read(`description: ${'x'.repeat(2000)}`)).toMatchObject({
      description: 'x'.repeat(1024),
      warnings: ['of its description only the first 1024 characters are used'],
    });
  });
});

describe('allowed-tools', () => {
  const tool = (name: string, builtin = true) => {
    const [toolset = '', own = ''] = name.split('/');
    return { toolset, builtin, definition: { name: own } };
  };
  test.each([
    ['Read', 'filesystem/read_file', true],
    ['read', 'filesystem/read_multiple_files', true],
    ['Read', 'filesystem/write_file', false],
    ['read_file', 'filesystem/read_file', true],
    ['filesystem', 'filesystem/edit_file', true],
    ['filesystem/*', 'filesystem/edit_file', true],
    ['shell/*', 'filesystem/edit_file', false],
    ['*_file', 'filesystem/edit_file', true],
    ['*', 'shell/shell', true],
    ['Bash', 'shell/run_background_job', true],
    ['Bash(*)', 'shell/shell', true],
    ['Read(./docs/**)', 'filesystem/read_file', false],
    ['NotebookEdit', 'filesystem/edit_file', false],
    ['Unknown', 'shell/shell', false],
  ])('%s leaves %s: %s', (word, name, left) => {
    expect(leavesTool(readAllowed([word]), tool(name))).toBe(left);
  });

  test('a tool of a server is left by its own name alone (R16)', () => {
    const issue = { ...tool('github/github_create_issue', false), own_name: 'create_issue' };
    const left = (word: string): boolean => leavesTool(readAllowed([word]), issue);
    expect(
      [
        'mcp__github__create_issue',
        'mcp__github',
        'github_create_issue',
        'github/*',
        'github/create_issue',
      ].map(left),
    ).toEqual([true, true, true, true, true]);
    expect(['*', 'github_*', 'mcp__git', 'mcp__github__close_issue', 'Read'].map(left)).toEqual(
      Array.from({ length: 5 }, () => false),
    );
    expect(leavesTool(readAllowed(['Read', 'filesystem']), tool('filesystem/read_file', false))).toBe(true);
    expect(leavesTool(readAllowed(['filesystem']), tool('filesystem/other', false))).toBe(false);
  });

  test('a line in brackets leaves the shell for such lines, and nothing whole', () => {
    const allowed = readAllowed(['Bash(git log:*)', 'Bash(npm test)', 'shell(ls *)']);
    expect(allowed).toEqual({
      names: [],
      lines: [
        'shell:cmd=git log',
        'shell:cmd=git log *',
        'shell:cmd=npm test',
        'shell:cmd=ls',
        'shell:cmd=ls *',
      ],
    });
    expect(leavesTool(allowed, tool('shell/shell'))).toBe(true);
    expect(leavesWhole(allowed, tool('shell/shell'))).toBe(false);
    expect(leavesTool(allowed, tool('filesystem/read_file'))).toBe(false);
  });
});
