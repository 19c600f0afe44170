import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MarkdownStream } from '../../../../src/cli/render/markdown.ts';
import type { Style } from '../../../../src/cli/terminal/style.ts';

/** Formats are shown as letters, so that exact output can be read. */
const marked: Style = (format, text) => `<${[format].flat().join('+')}:${text}>`;
const plain: Style = (_format, text) => text;

function render(source: string, { width = 40, style = marked, size = 3 } = {}): string[] {
  const markdown = new MarkdownStream({ style, width: () => width });
  const lines: string[] = [];
  for (let start = 0; start < source.length; start += size) {
    lines.push(...markdown.push(source.slice(start, start + size)));
    markdown.pending(); // looking changes nothing
  }
  return [...lines, ...markdown.end()];
}

describe('markdown', () => {
  test('headings, emphasis, code and links lose their marks and get a look', () => {
    expect(render('# One\n## Two *it*\ntext **bold** `a<b>` snake_case ~~gone~~\n')).toEqual([
      '<bold+underline:One>',
      '<bold:Two ><bold+italic:it>',
      'text <bold:bold> <cyan:a<b>> snake_case <strikethrough:gone>',
    ]);
    expect(render('[docs](http://x.y) https://a.b ![cat](c.png)', { width: 80 })).toEqual([
      '<underline:docs><dim: (http://x.y)> <underline:https://a.b> [image: cat] (c.png)',
    ]);
  });

  test('lists keep their depth and hang their lines', () => {
    expect(render('- one two three four five\n  - [x] done\n  - [ ] open\n10. ten', { width: 16 })).toEqual([
      '• one two three',
      '  four five',
      '  ☑ done',
      '  ☐ open',
      '10. ten',
    ]);
  });

  test('code keeps its blanks and bars, under the name of its language', () => {
    expect(render('```ts\nif (a | b) {\n\n  **x**\n```\nafter')).toEqual([
      '<dim:  ts>',
      '  <cyan:if (a | b) {>',
      '  <cyan:>',
      '  <cyan:  **x**>',
      'after',
    ]);
    expect(render('text\n\n    a *b*\n    c')).toEqual(['text', '', '  <cyan:a *b*>', '  <cyan:c>']);
    expect(render('~~~\n```\n~~~\nout')).toEqual(['  <cyan:```>', 'out']);
  });

  test('a fence that never closes shows its code', () => {
    expect(render('```\nopen', { style: plain })).toEqual(['  open']);
  });

  test('tables stand in columns and wrap where the terminal is narrow', () => {
    const table = '| name | size |\n|:--|--:|\n| a | 1 |\n| long name | 4000 |\n\nend';
    expect(render(table, { style: plain })).toEqual([
      'name      │ size',
      '──────────┼─────',
      'a         │    1',
      'long name │ 4000',
      '',
      'end',
    ]);
    expect(render('| a | b |\n|---|---|\n| one two three | x |\n', { style: plain, width: 12 })).toEqual([
      'a        │ b',
      '─────────┼──',
      'one two  │ x',
      'three    │',
    ]);
  });

  test('lines with bars that are no table stay as they are', () => {
    expect(render('a | b\nc | d\n', { style: plain })).toEqual(['a | b', 'c | d']);
  });

  test('quotes, rules and blank lines', () => {
    expect(render('\n\n> said *so*\n>> deeper\n\n\n---\nend', { style: plain, width: 10 })).toEqual([
      '│ said so',
      '│ │ deeper',
      '',
      '──────────',
      'end',
    ]);
  });

  test('what would move the cursor is taken out', () => {
    expect(render('a\u001b[2Jb\u0007\r\n', { style: plain })).toEqual(['a[2Jb']);
  });

  test('wide characters count twice', () => {
    expect(render('日本 日本 日本', { style: plain, width: 10 })).toEqual(['日本 日本', '日本']);
  });

  test('what is pending shows as it would look, and changes nothing', () => {
    const markdown = new MarkdownStream({ style: plain, width: () => 40 });
    expect(markdown.push('- a **b')).toEqual([]);
    expect(markdown.pending()).toEqual(['• a **b']);
    expect(markdown.push('**\n| x | y |')).toEqual(['• a b']);
    expect(markdown.pending()).toEqual(['| x | y |']);
    expect(markdown.push('\n```\n')).toEqual(['| x | y |']);
    markdown.pending();
    expect(markdown.push('in *code*\n')).toEqual(['  in *code*']);
    expect(markdown.end()).toEqual([]);
    expect(markdown.pending()).toEqual([]);
  });

  test('pieces of any size give the same lines', () => {
    const lines = fc.constantFrom(
      '# h',
      '- a',
      '  - b',
      '```',
      '| a | b |',
      '|--|--|',
      '> q',
      '',
      'text **b** `c`',
      '    x',
      '1. n',
      '---',
    );
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 12 }), fc.integer({ min: 1, max: 9 }), (parts, size) => {
        const source = parts.join('\n');
        expect(render(source, { size })).toEqual(render(source, { size: source.length + 1 }));
      }),
      { numRuns: 300 },
    );
  });
});
