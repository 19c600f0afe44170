import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { CreateSessionRequest } from '../../../protocol/contract/payloads.ts';
import type { Scope } from '../../../protocol/context.ts';
import { policyFor } from '../../../protocol/policy-for.ts';
import { INLINE, refused, stopReason, teamOf, type Behaviours } from '../support.ts';
import { asker, type Asker, type PolicyCase, runCases, TEAM } from '../policy-cases.ts';
import { collect, type World } from '../world.ts';

/** The folders of the cases: `work` and `docs` are allowed, `work/link` leads out of it, `alias` into it. */
async function makeFolders({ folder }: World): Promise<void> {
  for (const path of ['work/in', 'work2', 'other', 'docs', 'teams', 'teams/linked'])
    await mkdir(join(folder, path), { recursive: true });
  await symlink(join(folder, 'other'), join(folder, 'work/link'));
  await symlink(join(folder, 'work'), join(folder, 'alias'));
  await writeFile(join(folder, 'teams/plain.yaml'), TEAM);
  await writeFile(join(folder, 'other/secret.yaml'), TEAM);
  await symlink(join(folder, 'other/secret.yaml'), join(folder, 'teams/link.yaml'));
  await symlink(join(folder, 'other/secret.yaml'), join(folder, 'teams/linked/yonder.yaml'));
}

const at =
  (path: string) =>
  ({ create, folder }: Asker) =>
    create({ working_dir: join(folder, path) });

function folderCases({ folder }: World): Record<string, PolicyCase> {
  const rules = {
    folders: { allowed: [join(folder, 'work')], read: [join(folder, 'docs')] },
  };
  const work = join(folder, 'work');
  const also = (config: object) => (one: Asker) => one.create({ working_dir: work, runtime_config: config });
  const reads = (root: string) => (one: Asker) =>
    one.create({ working_dir: work }, teamOf([], { top: [`read_roots: ["${root}"]`] }));
  const lines: Record<string, PolicyCase> = {
    'the folder itself': { ask: at('work') },
    'one below it': { ask: at('work/in') },
    'one that is allowed by its real path': { ask: at('alias') },
    'another folder': { ask: at('other'), refusedBy: 'folders.allowed' },
    'one whose name begins alike': { ask: at('work2'), refusedBy: 'folders.allowed' },
    'one beside it by ..': {
      ask: (one) => one.create({ working_dir: `${work}/../other` }),
      refusedBy: 'folders.allowed',
    },
    'a link that leads out': { ask: at('work/link'), refusedBy: 'path_escape folders.allowed' },
    'the whole disk': { ask: ({ create }) => create({ working_dir: '/' }), refusedBy: 'folders.allowed' },
    'one that is not there, inside': { ask: at('work/missing'), fails: 'not_found' },
    'one that is not there, outside': { ask: at('missing'), refusedBy: 'folders.allowed' },
    'one that is not there, behind the link': {
      ask: at('work/link/x'),
      refusedBy: 'path_escape folders.allowed',
    },
    'a relative one': { ask: ({ create }) => create({ working_dir: 'work' }), fails: 'invalid_request' },
    'a further folder inside': { ask: also({ add_dirs: [`${work}/in`] }) },
    'a further folder outside': {
      ask: also({ add_dirs: [`${folder}/other`] }),
      refusedBy: 'folders.allowed',
    },
    'a further folder that may be read alone': {
      ask: also({ add_dirs: [`${folder}/docs`] }),
      refusedBy: 'folders.allowed',
    },
    'a folder to read': { ask: also({ read_dirs: [`${folder}/docs`] }) },
    'a folder to read outside': { ask: also({ read_dirs: [`${folder}/other`] }), refusedBy: 'folders.read' },
    'a read root of the team': { ask: reads(`${folder}/docs`) },
    'a read root of the team outside': { ask: reads('/etc'), refusedBy: 'folders.read' },
    'a read root in the home of the server': { ask: reads('~/other'), refusedBy: 'folders.read' },
    'a read root above the folder': { ask: reads('../other'), refusedBy: 'folders.read' },
    'a resume elsewhere': {
      given: at('work'),
      ask: ({ backend, context }, { session_id }) =>
        backend.createSession(context, { resume_session_id: session_id, working_dir: `${folder}/other` }),
      refusedBy: 'folders.allowed',
    },
  };
  const later: Record<string, PolicyCase['ask']> = {
    'a message to': ({ context }, runtime) => runtime.run(context, { messages: [{ content: 'go' }] }),
    'steering of': ({ context }, runtime) => runtime.steer(context, { messages: [{ content: 'go' }] }),
    'a follow-up to': ({ context }, runtime) => runtime.followUp(context, { messages: [{ content: 'go' }] }),
    'a fork of': ({ context }, runtime) => runtime.fork(context, {}),
    'a resume of': ({ backend, context }, { session_id }) =>
      backend.createSession(context, { resume_session_id: session_id }),
    'a summary of': ({ context }, runtime) => runtime.compact(context, {}),
    'an undo in': ({ context }, runtime) => runtime.undo(context, {}),
  };
  for (const [what, ask] of Object.entries(later)) {
    lines[`${what} a session whose folder is not allowed any more`] = {
      givenRules: { folders: { allowed: [folder] } },
      given: at('other'),
      ask,
      refusedBy: 'folders.allowed',
    };
  }
  return Object.fromEntries(Object.entries(lines).map(([title, line]) => [title, { rules, ...line }]));
}

const load =
  (source: Parameters<Asker['backend']['loadTeam']>[1]['source']) =>
  ({ backend, context }: Asker) =>
    backend.loadTeam(context, source === undefined ? {} : { source });

function sourceCases({ folder }: World): Record<string, PolicyCase> {
  const teams = join(folder, 'teams');
  const path = (name: string) => load({ kind: 'path', path: join(teams, name) });
  const inTeams = { sources: { path: [teams] } };
  const inline = load({ kind: 'inline', entry: 'team.yaml', files: { 'team.yaml': TEAM } });
  const served = (name: string) => load({ kind: 'served', name });
  const builtin = (name: string) => load({ kind: 'builtin', name });
  const url = (address: string) => load({ kind: 'url', url: address });
  const urls = { sources: { url: ['https://teams.example/ours'] } };
  return {
    'a team of the client': { rules: { sources: { inline: true } }, ask: inline },
    'a team of the client where none may be': {
      rules: { sources: { inline: false } },
      ask: inline,
      refusedBy: 'sources.inline',
    },
    'a session with one': {
      rules: { sources: { inline: false } },
      ask: ({ create }) => create(),
      refusedBy: 'sources.inline',
    },
    'a built-in team': { rules: { sources: { builtin: true } }, ask: builtin('coder') },
    'a built-in team by name': { rules: { sources: { builtin: ['coder'] } }, ask: builtin('coder') },
    'another built-in team': {
      rules: { sources: { builtin: ['coder'] } },
      ask: builtin('default'),
      refusedBy: 'sources.builtin',
    },
    'a served team': { rules: { sources: { builtin: false } }, ask: served('ours') },
    'a served team by name': { rules: { sources: { served: ['ours'] } }, ask: served('ours') },
    'another served team': {
      rules: { sources: { served: ['theirs'] } },
      ask: served('ours'),
      refusedBy: 'sources.served',
    },
    'no team where one alone is served': { rules: { sources: { builtin: false } }, ask: load(undefined) },
    'a team at an address': { rules: urls, ask: url('https://teams.example/ours/a.yaml') },
    'a team at another address': {
      rules: urls,
      ask: url('https://teams.example/theirs.yaml'),
      refusedBy: 'sources.url',
    },
    'an address that begins alike': {
      rules: urls,
      ask: url('https://teams.example/ours-not/a.yaml'),
      refusedBy: 'sources.url',
    },
    'an address that goes up': {
      rules: urls,
      ask: url('https://teams.example/ours/%2e%2e/a.yaml'),
      refusedBy: 'sources.url',
    },
    'the same path of another host': {
      rules: urls,
      ask: url('https://teams.example.evil/ours/a.yaml'),
      refusedBy: 'sources.url',
    },
    'an address with a name before the host': {
      rules: urls,
      ask: url('https://teams.example@evil.example/ours/a'),
      refusedBy: 'sources.url',
    },
    'an address that leads elsewhere': {
      rules: urls,
      ask: url('https://teams.example/ours/moved'),
      refusedBy: 'sources.url',
    },
    'any address where none is named': { ask: url('https://teams.example/a.yaml'), refusedBy: 'sources.url' },
    'a team by its path': { rules: inTeams, ask: path('plain.yaml') },
    'a team by its path elsewhere': {
      rules: inTeams,
      ask: path('../other/secret.yaml'),
      refusedBy: 'sources.path',
    },
    'a team by a link that leads out': {
      rules: inTeams,
      ask: path('link.yaml'),
      refusedBy: 'path_escape sources.path',
    },
    'a folder whose team is such a link': {
      rules: inTeams,
      ask: path('linked'),
      refusedBy: 'path_escape sources.path',
    },
    'a path where none is allowed': { ask: path('plain.yaml'), refusedBy: 'sources.path' },
  };
}

/** A network in which each address has a team, and `moved` leads to another host. */
const egress: NonNullable<Parameters<Parameters<Behaviours[string]>[0]['open']>[1]>['egress'] = async (
  request,
) => {
  await request.check?.(new URL(request.url));
  const isMoved = request.url.endsWith('/moved');
  const url = isMoved ? 'https://elsewhere.example/a.yaml' : request.url;
  if (isMoved) await request.check?.(new URL(url));
  const body = new TextEncoder().encode(TEAM);
  return { url, status: 200, headers: {}, body, cut: false, redirects: isMoved ? [request.url] : [] };
};

/** A server of one team. */
const SERVING = {
  teams: [
    {
      name: 'ours',
      source: { kind: 'builtin', name: 'coder' },
      trust_digest: undefined,
      description: '',
      agents: ['root'],
    },
  ],
} as const;

export const policyPlaceBehaviours: Behaviours = {
  'folders of a policy hold for all that names one, links followed': async ({ open }) => {
    const world = await open();
    await makeFolders(world);
    await runCases(world, folderCases(world));
  },

  'sources of a policy hold for every kind of team': async ({ open }) => {
    const world = await open([], { egress, serving: SERVING });
    await makeFolders(world);
    await runCases(world, sourceCases(world));
    const names = async (rules: object) => {
      const { backend, context } = asker(world, rules);
      return (await backend.listTeams(context, {})).teams.map(({ name }) => name);
    };
    expect(await names({ sources: { served: ['ours'] } })).toEqual(['ours']);
    expect(await names({ sources: { served: false } })).toEqual([]);
  },

  'a session that names no folder works in that of the policy, by its real path': async ({ open }) => {
    const world = await open();
    await makeFolders(world);
    const alias = join(world.folder, 'alias');
    const { backend, context } = asker(world, { folders: { allowed: [alias], default: alias } });
    const { session } = await backend.createSession(context, {
      source: { kind: 'builtin', name: 'default' },
    });
    expect(session.working_dir).toBe(join(world.folder, 'work'));
  },

  'without a file admin may what a local run may but its own command, others run served teams, all in the folder of the server':
    async ({ open }) => {
      const world = await open([{ text: 'done' }], { serving: SERVING });
      const caller = (principal: string, scopes: readonly Scope[]) => {
        const policy = policyFor({ principal, scopes }, { folder: world.folder });
        const { backend, context } = world.as(principal, scopes, { policy });
        const create = (request: CreateSessionRequest) => backend.createSession(context, request);
        return { backend, context, create };
      };
      const inline = { source: INLINE(TEAM), working_dir: world.folder };
      const ci = caller('ci', ['read', 'run']);
      await refused(ci.create(inline), 'forbidden', /\(sources\.inline\); allowed is any served team$/);
      const source = { kind: 'served', name: 'ours' } as const;
      await refused(ci.create({ source, tools_approved: true }), 'forbidden', /autonomous.*\(safety\)/);
      await refused(ci.create({ source, working_dir: '/' }), 'forbidden', /folders\.allowed/);
      const { session_id, session } = await ci.create({ source });
      expect(session.working_dir).toBe(world.folder);
      const stream = await ci.backend.session(session_id).run(ci.context, { messages: [{ content: 'go' }] });
      expect(stopReason(await collect(stream))).toBe('normal');

      const boss = caller('boss', ['read', 'run', 'approve', 'admin']);
      const made = await boss.create({ ...inline, tools_approved: true });
      expect(made.safety).toBe('autonomous');
      const own = boss.backend.session(made.session_id);
      await refused(own.shell(boss.context, { command: 'true' }), 'forbidden', /\(shell\)/);
      await refused(boss.create({ ...inline, working_dir: '/' }), 'forbidden', /folders\.allowed/);
    },
};
