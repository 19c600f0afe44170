import type { Twin } from './twins.ts';

const guard = 'src/server/guard';
const guardsTest = 'test/unit/server/guards.test.ts';
const listenTest = 'test/unit/server/listen.test.ts';
const slowTest = 'test/unit/server/slow-readers.test.ts';
const closingTest = 'test/unit/server/closing.test.ts';

/** What guards a server, broken in each place. */
export const SERVER_TWINS: readonly Twin[] = [
  {
    file: `${guard}/host-names.ts`,
    sound: 'if (wrong === undefined) return;',
    broken: 'if (wrong !== "") return;',
    test: guardsTest,
  },
  {
    file: `${guard}/host-names.ts`,
    sound: 'isWide || (isLoopback(name)',
    broken: 'true || (isLoopback(name)',
    test: guardsTest,
  },
  {
    file: `${guard}/origins.ts`,
    sound: 'if (!known.has(origin))',
    broken: 'if (known.size > 0 && !known.has(origin))',
    test: guardsTest,
  },
  { file: `${guard}/origins.ts`, sound: "headers.append('vary', 'Origin');", broken: '', test: guardsTest },
  {
    file: `${guard}/query-token.ts`,
    sound: 'if (name === undefined && ',
    broken: 'if (name !== undefined || ',
    test: guardsTest,
    only: 'a token in the address',
  },
  {
    file: 'src/server/auth/authenticate.ts',
    sound: 'expiry <= now()',
    broken: 'expiry < now() - 1_000',
    test: 'test/unit/server/auth.test.ts',
  },
  {
    file: 'src/server/auth/authenticate.ts',
    sound: 'options.local === true ? LOCAL_CONTEXT',
    broken: 'options.local !== false ? LOCAL_CONTEXT',
    test: 'test/unit/server/auth.test.ts',
  },
  {
    file: 'src/server/listen/socket-folder.ts',
    sound: 'if ((found.mode & OTHERS) !== 0)',
    broken: 'if (false)',
    test: listenTest,
    only: 'others could reach',
  },
  {
    file: 'src/server/listen/socket-folder.ts',
    sound: 'if (isForeign || isOpen)',
    broken: 'if (isForeign)',
    test: listenTest,
    only: 'others could reach',
  },
  {
    file: 'src/server/listen/bind.ts',
    sound: 'if (await isListenedOn(real))',
    broken: 'if (false)',
    test: listenTest,
    only: 'that a killed server left',
  },
  {
    file: 'src/server/listen/bind.ts',
    sound: 'chmodSync(real, 0o600);',
    broken: '',
    test: listenTest,
    only: 'for this user alone',
  },
  {
    file: 'src/server/listen/body-deadline.ts',
    sound: 'if (left <= 0) late();',
    broken: 'if (left <= -1e9) late();',
    test: 'test/unit/server/limits.test.ts',
    only: 'sends a body slowly',
  },
  {
    file: 'src/server/listen/listen.ts',
    sound: 'headersTimeout: limits.headers_ms,',
    broken: 'headersTimeout: 0,',
    test: 'test/unit/server/limits.test.ts',
    only: 'says nothing',
  },
  {
    file: 'src/server/listen/write-answer.ts',
    sound: '(await drained(outgoing, stalled_ms))',
    broken: '(await drained(outgoing, stalled_ms * 1_000))',
    test: slowTest,
    only: 'never read',
  },
  {
    file: 'src/server/listen/write-answer.ts',
    sound: 'if (!outgoing.destroyed) outgoing.write(RETRY);',
    broken: '',
    test: slowTest,
    only: 'told to come again',
  },
  {
    file: 'src/server/served-streams.ts',
    sound: 'if (this.#waiting === undefined) this.#owesGoodbye = true;',
    broken: '',
    test: closingTest,
    only: 'gets the goodbye',
  },
  {
    file: 'src/server/served-streams.ts',
    sound: "if (result.value?.type === 'stream_closing') void this.return();",
    broken: '',
    test: closingTest,
    only: 'says it once',
  },
  {
    file: 'src/server/sse-response.ts',
    sound: "'x-accel-buffering': 'no',",
    broken: '',
    test: 'test/unit/server/nginx.test.ts',
    only: 'each event arrives',
  },
  {
    file: 'src/server/request-log.ts',
    sound: "return ROUTES.get(path) ?? '-';",
    broken: 'return ROUTES.get(path) ?? path;',
    test: closingTest,
    only: 'one line of the log',
  },
  {
    file: 'src/runtime/host/host.ts',
    sound: 'session.isDriven || this.#sessions.driven < max_runs',
    broken: 'session.isDriven || this.#sessions.driven <= max_runs',
    test: 'test/contract/serving-life.test.ts',
    only: 'as many runs go on at once',
  },
];
