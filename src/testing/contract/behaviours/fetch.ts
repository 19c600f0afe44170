import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { hostEgress } from '../../../runtime/host/egress.ts';
import { calls, ofType, only, stopReason, teamOf, Watcher, type Behaviours } from '../support.ts';
import type { Event } from '../world.ts';

const TEAM = teamOf([]).concat('    toolsets:\n      - type: fetch\n        allow_private_ips: true\n');
const egress = hostEgress({ resolve: async () => [{ address: '127.0.0.1', family: 4 }] });

/** A site that knows its port: `/away` leads to another name. */
async function withSite(act: (port: number, asked: string[]) => Promise<void>): Promise<void> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.headers.host?.split(':')[0]}${request.url}`);
    if (request.url === '/robots.txt') response.statusCode = 404;
    if (request.url === '/away') {
      const { port } = server.address() as AddressInfo;
      response.writeHead(302, { location: `http://evil.test:${port}/x` });
    } else if (request.url !== '/robots.txt') response.setHeader('content-type', 'text/plain');
    response.end('hello');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await act((server.address() as AddressInfo).port, asked);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function response(events: readonly Event[]): Event {
  return only(events, 'tool_call_response');
}

export const fetchBehaviours: Behaviours = {
  'a page is asked about, with a rule for its site, and the rule lets the next one through': ({ open }) =>
    withSite(async (port) => {
      const page = `http://good.test:${port}/`;
      const world = await open(
        [
          calls('fetch', { urls: [page] }),
          { text: 'read' },
          calls('fetch', { urls: [`${page}b`] }),
          { text: 'read' },
          calls('fetch', { urls: [`http://good.test.evil.test:${port}/`] }),
          { text: 'not read' },
        ],
        { egress },
      );
      const runtime = await world.session(TEAM, { unattended: 'wait' });
      const watcher = new Watcher(await runtime.run(world.context, { messages: [{ content: 'go' }] }));
      const question = await watcher.until('tool_call_confirmation');
      expect(question['reason']).toBe('not safe: it uses the network');
      const rule = `fetch:urls=http://good.test:${port}/*`;
      expect(question['rule_offers']).toMatchObject([{ kind: 'approve_tool', rule }, { kind: 'session' }]);
      const request_id = String(question['request_id']);
      await runtime.answer(world.context, { request_id, decision: 'approve_tool', rule });
      const events = await watcher.rest();
      expect(stopReason(events)).toBe('normal');
      expect(response(events)).toMatchObject({ outcome: 'done', response: `${page}:\nhello` });
      expect(response(await world.run(runtime, 'next'))).toMatchObject({ outcome: 'done' });
      const third = new Watcher(await runtime.run(world.context, { messages: [{ content: 'other' }] }));
      expect(await third.until('tool_call_confirmation')).toBeDefined();
      await third.close();
      await runtime.interrupt(world.context, {});
    }),

  'a deny rule binds every spelling of a place, and each redirect': ({ open }) =>
    withSite(async (port, asked) => {
      const urls = [
        `http://evil.test:${port}/x`,
        `HTTP://EVIL.test.:${port}/x`,
        ` http:\\\\evil.test:${port}/x`,
        `http://good.test:${port}/away`,
      ];
      const world = await open([...urls.map((url) => calls('fetch', { urls: [url] })), { text: 'done' }], {
        egress,
      });
      const runtime = await world.session(TEAM, {
        safety: 'autonomous',
        permissions: { deny: ['fetch:urls=*evil.test*'] },
      });
      const events = await world.run(runtime, 'go');
      expect(ofType(events, 'tool_call_response').map((event) => event['outcome'])).toEqual([
        'denied',
        'denied',
        'denied',
        'done',
      ]);
      expect(ofType(events, 'tool_call_response').at(-1)?.['response']).toContain('Denied by the rule');
      expect(asked.filter((place) => place.startsWith('evil'))).toEqual([]);
    }),

  'several pages of one call are given in their order, with what failed in its place': ({ open }) =>
    withSite(async (port) => {
      const at = (path: string): string => `http://a.test:${port}${path}`;
      const world = await open(
        [calls('fetch', { urls: [at('/one'), 'file:///etc/passwd', at('/two')] }), { text: 'done' }],
        { egress },
      );
      const events = await world.run(await world.session(TEAM, { safety: 'autonomous' }), 'go');
      const text = String(response(events)['response']);
      expect(text).toMatch(
        /\/one:\nhello\n\nError: file:\/\/\/etc\/passwd is not an http.*\n\n.*\/two:\nhello$/,
      );
    }),

  'the built-in team may read pages, and is asked about each': ({ open }) =>
    withSite(async (port, asked) => {
      const urls = [`http://good.test:${port}/`];
      const world = await open([calls('fetch', { urls }), { text: 'not read' }], { egress });
      const { session_id } = await world.backend.createSession(world.context, {
        source: { kind: 'builtin', name: 'default' },
        working_dir: world.folder,
        unattended: 'refuse',
      });
      const events = await world.run(world.backend.session(session_id), 'go');
      expect(only(events, 'tool_call_decision')).toMatchObject({ decision: 'ask', source: 'mode' });
      expect(response(events)).toMatchObject({ outcome: 'refused' });
      expect(asked).toEqual([]);
    }),
};
