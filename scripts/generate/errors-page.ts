import { ERRORS } from '../../src/protocol/errors.ts';

/** docs/errors.md, from the one table of errors. */
export function errorsPage(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { status, retryable, exit }]) =>
      `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${exit} |`,
  );
  return [
    '# Errors',
    '',
    '<!-- Written by `npm run generate` from src/protocol/errors.ts; do not edit. -->',
    '',
    'Every error has a code. It decides the HTTP status of an answer, whether trying again can help, and the exit code of the command.',
    '',
    '| code | HTTP status | try again | exit code |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
