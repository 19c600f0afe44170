import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import type { Egress } from '../../../process/egress/egress.ts';
import { hostEgress } from '../../../runtime/host/egress.ts';
import { refused, stopReason, teamOf, uncut, type Behaviours } from '../support.ts';

const URL_OF_TEAM = 'https://teams.example/reviewer.yaml';
const SOURCE = { kind: 'url', url: URL_OF_TEAM } as const;
const LOOSE = teamOf(['shell'], { top: ['permissions:', '  allow: ["shell"]'] });

interface TeamServer {
  egress: Egress;
  /** What it answers from now on. */
  answer: { status: number; text: string; headers: Record<string, string> };
  /** The `If-None-Match` of each request. */
  asked: (string | undefined)[];
}

/** A real server that stands for https://teams.example; only TLS is left out. */
async function withServer(text: string, act: (server: TeamServer) => Promise<void>): Promise<void> {
  const asked: TeamServer['asked'] = [];
  const answer: TeamServer['answer'] = { status: 200, text, headers: {} };
  const server = createServer((request, response) => {
    asked.push(request.headers['if-none-match']);
    response.writeHead(answer.status, answer.headers).end(answer.text);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const real = hostEgress({ resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]) });
  const egress: Egress = (request) =>
    request.url.startsWith('https://teams.example')
      ? real({
          ...request,
          url: request.url.replace('https://teams.example', `http://teams.example:${port}`),
          httpsOnly: false,
          allowPrivate: true,
        })
      : real(request);
  try {
    await act({ egress, answer, asked });
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
}

export const urlTeamBehaviours: Behaviours = {
  'a team by URL is fetched, untrusted until the yes to its digest, and runs': ({ open }) =>
    withServer(LOOSE, async ({ egress }) => {
      const world = await open([{ text: 'Done.' }], { egress });
      const { backend, context, folder } = world;
      const loaded = await backend.loadTeam(context, { source: SOURCE });
      expect(loaded.trusted).toBe(false);
      expect(loaded.needs_trust?.items).toMatchObject([{ kind: 'allow_rule' }]);
      const trust = { digest: loaded.needs_trust?.digest ?? '' };
      expect((await backend.loadTeam(context, { source: SOURCE, trust })).trusted).toBe(true);
      const created = await backend.createSession(context, { source: SOURCE, trust, working_dir: folder });
      expect(stopReason(await world.run(backend.session(created.session_id), 'Hello'))).toBe('normal');
    }),

  'the text is asked for again by its ETag, and a copy is used only with a warning': uncut(({ open }) =>
    withServer(teamOf(), async ({ egress, answer, asked }) => {
      const { backend, context } = await open([], { egress });
      answer.headers = { etag: '"one"' };
      const first = await backend.loadTeam(context, { source: SOURCE });
      expect(first.warnings).toEqual([]);
      Object.assign(answer, { status: 304, text: '' });
      expect((await backend.loadTeam(context, { source: SOURCE })).team_digest).toBe(first.team_digest);
      Object.assign(answer, { status: 502 });
      const offline = await backend.loadTeam(context, { source: SOURCE });
      expect(offline.team_digest).toBe(first.team_digest);
      expect(offline.warnings).toEqual([
        {
          where: { file: URL_OF_TEAM, line: 1, column: 1 },
          message: expect.stringMatching(/answers 502; the copy of .* is used$/),
        },
      ]);
      expect(asked).toEqual([undefined, '"one"', '"one"']);
    }),
  ),

  'a team that changed between load and run is a conflict, and no session is made': ({ open }) =>
    withServer(teamOf(), async ({ egress, answer }) => {
      const { backend, context } = await open([], { egress });
      const { team_digest } = await backend.loadTeam(context, { source: SOURCE });
      answer.text = teamOf(['think']);
      await refused(
        backend.createSession(context, { source: SOURCE, team_digest }),
        'conflict',
        /it changed; load it again$/,
      );
      expect((await backend.listSessions(context, {})).sessions).toEqual([]);
    }),

  'an address that is private, no https, gone or a page is refused with its words': ({ open }) =>
    withServer('<!doctype html>', async ({ egress, answer }) => {
      const { backend, context } = await open([], { egress });
      const load = (url: string) => backend.loadTeam(context, { source: { kind: 'url', url } });
      await refused(load('https://127.0.0.1/t.yaml'), 'forbidden', /not of the open internet$/);
      await refused(load('http://teams.org/t.yaml'), 'invalid_request', /only https is taken here$/);
      await refused(load(URL_OF_TEAM), 'invalid_team', /is a web page \(HTML\)/);
      answer.status = 404;
      await refused(load(URL_OF_TEAM), 'not_found', /answers 404: there is no team; check the address$/);
      Object.assign(answer, { status: 302, headers: { location: 'ftp://teams.example/t.yaml' } });
      await refused(load(URL_OF_TEAM), 'invalid_request', /redirects, is not an http or https URL$/);
    }),

  'what a team by URL names beside itself is told apart': ({ open }) =>
    withServer(
      teamOf([], { agent: ['add_prompt_files: [RULES.md]', 'sub_agents: ["helper:./helper.yaml"]'] }),
      async ({ egress }) => {
        const { backend, context, folder } = await open([], { egress });
        const loaded = await backend.loadTeam(context, { source: SOURCE });
        expect(loaded.warnings.map(({ message }) => message)).toContain(
          `RULES.md: looked for in the working folder, not beside ${URL_OF_TEAM}`,
        );
        expect(loaded.unsupported).toHaveLength(1);
        await refused(
          backend.createSession(context, { source: SOURCE, working_dir: folder }),
          'unsupported',
          /https:\/\/teams\.example\/helper\.yaml, which is not fetched with https:\/\/teams\.example\/reviewer\.yaml/,
        );
      },
    ),
};
