import { settle } from '../../../../src/cli/run/prepare.ts';
import { parseUserConfig } from '../../../../src/config/user-config.ts';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFailed, onTestFinished } from 'vitest';
import { startConversation } from '../../../../src/cli/conversation/conversation.ts';
import { Questions } from '../../../../src/cli/questions/questions.ts';
import { terminalPrompter } from '../../../../src/cli/questions/terminal-prompter.ts';
import { TextRenderer } from '../../../../src/cli/render/text.ts';
import type { Drive } from '../../../../src/cli/run/drive.ts';
import { OutcomeFold } from '../../../../src/cli/run/outcome.ts';
import { Interrupts } from '../../../../src/cli/terminal/interrupts.ts';
import { Output } from '../../../../src/cli/terminal/output.ts';
import { styleFor } from '../../../../src/cli/terminal/style.ts';
import { KeptReads } from '../../../../src/process/kept-reads.ts';
import type { CreateSessionRequest } from '../../../../src/protocol/contract/payloads.ts';
import { INLINE, teamOf } from '../../../../src/testing/contract/support.ts';
import type { ArmName } from '../../../../src/testing/contract/arms.ts';
import { openWorld, type World } from '../../../../src/testing/contract/world.ts';
import type { ScriptedTurn } from '../../../../src/testing/model-server/script.ts';
import { type MemoryIo, memoryIo } from '../streams.ts';

export interface Stage {
  world: World;
  io: MemoryIo;
  drive: Drive;
  /** Keys, and then Enter. */
  say(line: string): void;
  /** The exit code of the conversation. */
  exit: Promise<number>;
  configFile: string;
}

export interface StageOptions {
  arm: ArmName;
  turns: readonly ScriptedTurn[];
  toolsets?: string[];
  welcome?: string;
  /** Of the agent, by name. */
  commands?: Readonly<Record<string, string>>;
  model?: string;
  request?: CreateSessionRequest;
  term?: string;
  /** Of the command line. */
  messages?: readonly string[];
}

const TITLE: ScriptedTurn = {
  text: 'A title',
  when: ({ body }) => JSON.stringify(body).includes('Give this conversation a title'),
};

/** A conversation on a terminal in memory, over a real Backend. */
export async function converse({
  arm,
  turns,
  toolsets = [],
  welcome,
  commands,
  model,
  request = {},
  term = 'xterm',
  messages = [],
}: StageOptions): Promise<Stage> {
  const world = await openWorld({ arm, turns: [TITLE, ...turns] });
  const { backend, folder, context } = world;
  const team = teamOf(toolsets, {
    ...(model === undefined ? {} : { model }),
    agent: [
      ...(welcome === undefined ? [] : [`welcome_message: ${JSON.stringify(welcome)}`]),
      ...(commands === undefined ? [] : [`commands: ${JSON.stringify(commands)}`]),
    ],
  });
  const source = INLINE(team);
  const { needs_trust } = await backend.loadTeam(context, { source });
  const trust = needs_trust === undefined ? {} : { trust: { digest: needs_trust.digest } };
  const common = { source, ...trust, working_dir: folder, unattended: 'wait' } as const;
  const session = await backend.createSession(context, { ...common, ...request });
  const io = memoryIo({ terminal: true, cwd: folder, home: folder, env: { TERM: term, NO_COLOR: '1' } });
  const output = new Output(io);
  const interrupts = new Interrupts(() => {
    throw new Error('the process would have ended');
  });
  const state = join(folder, '.yonder-test');
  await mkdir(state);
  const configFile = join(state, 'config.yaml');
  const places = {
    config: state,
    data: state,
    cache: state,
    state,
    runtime: state,
    store: join(state, 'session.db'),
    configFile,
  };
  const style = styleFor(io.stderr, io.env);
  const runtime = backend.session(session.session_id);
  const renderer = new TextRenderer({
    output,
    style,
    hideToolCalls: false,
    hideToolResults: false,
    asks: true,
    onTerminal: true,
  });
  const questions = new Questions({
    prompter: terminalPrompter({ io, output, onInterrupt: () => {}, settle: async () => {} }),
    runtime: () => runtime,
    style,
    env: {},
    remember: async () => {},
  });
  const drive: Drive = {
    runtime,
    renderer,
    output,
    fold: new OutcomeFold(session.session_id),
    interrupts,
    questions,
  };
  const config = parseUserConfig(configFile, '');
  const chosen = { source, named: true, shown: 'team.yaml' };
  const settled = await settle({ typed: {}, places, config, team: chosen, workingDir: folder, io, output });
  const prepared = {
    ...settled,
    typed: {},
    places,
    config,
    team: chosen,
    server: undefined,
    words: [],
    workingDir: folder,
    unattended: 'wait' as const,
    files: new KeptReads(),
  };
  const going = { prepared, backend, io, output, interrupts, session, drive, messages: [], converses: true };
  const exit = startConversation({ backend, runtime, context: { going, drive }, renderer, io, messages });
  onTestFailed(() => console.error(`the terminal had:\n${io.err()}`));
  onTestFinished(async () => {
    io.stdin.push(null);
    await exit;
    interrupts.close();
    await world.close();
  });
  return { world, io, drive, say: (line) => io.type(`${line}\r`), exit, configFile };
}
