import { addFolderRule } from '../../config/folder-rules.ts';
import { trustFileIn } from '../../config/trust.ts';
import type { ResponseOf } from '../../protocol/contract/contract.ts';
import type { CreateSessionAnswer } from '../../protocol/contract/answers.ts';
import { exitOfRuns } from '../exit-code.ts';
import { buildPayloads, type Payloads } from '../payloads.ts';
import { Questions } from '../questions/questions.ts';
import { terminalPrompter } from '../questions/terminal-prompter.ts';
import { closingLine } from '../render/closing.ts';
import { folderAt, rulesFolder } from '../remote/remote-server.ts';
import { changing, looking } from '../request-context.ts';
import { CommandFault } from '../command-fault.ts';
import { Composer } from '../attach/composer.ts';
import { withFiles } from '../attach/with-files.ts';
import { canAsk } from '../terminal/io.ts';
import { oneLine, styleFor } from '../terminal/style.ts';
import type { Drive } from './drive.ts';
import { showTeam } from './dry-run.ts';
import { goThrough } from './go-through.ts';
import { readMessages } from './messages.ts';
import { toldHowToBegin } from './new-session-id.ts';
import { OutcomeFold } from './outcome.ts';
import { gather } from './prepare.ts';
import { rendererFor } from './renderer.ts';
import type { RunTeam } from './run-command.ts';
import { checkTarget, recordingName, writeAnswer, writeRecording } from './results.ts';
import { trustFor } from './trust.ts';
import { withoutEffect } from './without-effect.ts';

/** A `run` over any Backend: load, trust, create, run the messages, say how it went. Gives the exit code. */
export async function runTeam(asked: RunTeam): Promise<number> {
  const { io, log } = asked;
  const { flags, workingDir } = asked.prepared;
  const composer = new Composer({ backend: asked.backend, home: io.home, cwd: io.cwd, workingDir });
  const backend = withFiles(asked.backend, composer, { elsewhere: asked.prepared.server !== undefined });
  const begun = io.now().getTime();
  const targets = await checkTargets(asked);
  const { prepared } = asked;
  const command = { ...asked, backend };
  const payloads = await loadTeam(command);
  if (payloads === undefined) return 0;
  const resumes = payloads.create.resume_session_id !== undefined;
  const written = await unlessInterrupted(
    command,
    readMessages(prepared.words, io, { readStdin: !resumes }),
    () => io.stdin.destroy(),
  );
  const converses = flags.exec !== true && flags.json !== true && canAsk(io) && io.stdout.isTTY === true;
  const messages = written.map(({ text }) => text);
  if (messages.length === 0 && !converses && !resumes) throw nothingToDo(command);
  await composer.attach(flags.attach ?? []);
  await composer.prepare(written);
  const first_files = resumes ? [] : composer.prepared;
  const session = await backend
    .createSession(changing(), {
      ...payloads.create,
      ...(first_files.length === 0 ? {} : { first_files }),
    })
    .catch((thrown: unknown) => {
      throw toldHowToBegin(thrown, flags.session);
    });
  await log?.write(`session ${session.session_id} ${resumes ? 'resumed' : 'created'}`);
  const drive = driveFor(command, session);
  for (const line of withoutEffect(prepared.typed, flags, session)) command.output.note(line);
  announce(command, session);
  const exit = await goThrough({ ...command, session, drive, messages, converses });
  await finish(command, drive, targets);
  if (flags.json !== true) {
    const line = closingLine(
      flags.snapshots === true ? { ...drive.fold.outcome, unwatched: false } : drive.fold.outcome,
      io.now().getTime() - begun,
      drive.deleted === true ? undefined : drive.runtime.session_id,
      styleFor(io.stderr, io.env),
      prepared.server,
    );
    command.output.note(line);
  }
  await log?.write(
    `session ${session.session_id} ended: ${drive.fold.outcome.ends.map(({ reason }) => reason).join(', ')}`,
  );
  return exit ?? exitOfRuns(drive.fold.outcome.ends);
}

/** Nothing runs yet that would have to be ended: an interrupt ends the command. */
export async function unlessInterrupted<Value>(
  { interrupts }: Pick<RunTeam, 'interrupts'>,
  work: Promise<Value>,
  letGo: () => void,
): Promise<Value> {
  let pending = true;
  const cut = interrupts.first.then(() => {
    if (pending) letGo();
    throw new CommandFault(130);
  });
  // Once the work is done, nobody waits for the cut any more.
  cut.catch(() => undefined);
  try {
    return await Promise.race([work, cut]);
  } finally {
    pending = false;
  }
}

/** The requests, with the yes where one is given; undefined after a dry run. */
async function loadTeam(command: RunTeam): Promise<Payloads | undefined> {
  const { prepared, backend, io, output } = command;
  const { flags, team } = prepared;
  const reading = new AbortController();
  const input = await unlessInterrupted(command, gather(prepared, backend, io, reading.signal), () =>
    reading.abort(),
  );
  if (team === undefined) return buildPayloads(input);
  const load = ({ load: request }: Payloads): Promise<ResponseOf<'team/load'>> => {
    const waiting = new AbortController();
    return unlessInterrupted(command, backend.loadTeam(looking(waiting.signal), request), () =>
      waiting.abort(),
    );
  };
  const loaded = await load(buildPayloads(input));
  const dry = flags.dryRun === true;
  const said = flags.trust === true;
  const yes =
    dry && !team.named && !said
      ? undefined
      : await trustFor(loaded.needs_trust, {
          team,
          said,
          ask: canAsk(io),
          file: trustFileIn(prepared.places.data),
          io,
          output,
        });
  const agreed = { ...input, trust: yes };
  // What stands at a URL can change at any time: the session is that of the team that was looked at.
  const guards = team.source.kind === 'url';
  if (!dry && !guards) return buildPayloads(agreed);
  const counted = yes === undefined ? loaded : await load(buildPayloads(agreed));
  if (!dry) return buildPayloads({ ...agreed, teamDigest: counted.team_digest });
  await showTeam(counted, flags.json === true, output);
  return undefined;
}

interface Targets {
  answer: string | undefined;
  recording: string | undefined;
}

async function checkTargets({ prepared: { flags }, io }: RunTeam): Promise<Targets> {
  const { output: answer, record } = flags;
  return {
    answer: answer === undefined ? undefined : await checkTarget('--output', io.cwd, answer),
    recording:
      record === undefined
        ? undefined
        : await checkTarget('--record', io.cwd, recordingName(record, io.now())),
  };
}

function nothingToDo({ output }: RunTeam): CommandFault {
  output.note(
    'yonder: there is no message: write one after the team, pipe one in, or start it on a terminal to talk',
  );
  return new CommandFault(2);
}

function driveFor(
  { prepared, backend, io, output, interrupts }: RunTeam,
  session: CreateSessionAnswer,
): Drive {
  const runtime = backend.session(session.session_id);
  const asks = canAsk(io) && prepared.unattended === 'wait';
  const renderer = rendererFor(prepared, io, output, asks);
  renderer.begin(session.session_id);
  const questions = new Questions({
    prompter: terminalPrompter({
      io,
      output,
      onInterrupt: () => interrupts.raise(),
      settle: () => renderer.settle(),
    }),
    style: styleFor(io.stderr, io.env),
    env: io.env,
    runtime: () => runtime,
    remember: async (rule) => {
      const folder = rulesFolder(prepared, session);
      if (await addFolderRule(prepared.places.configFile, folder, 'allow', rule)) {
        output.note(`from now on in ${folder}: ${rule} (yonder permissions list)`);
      }
    },
  });
  return {
    runtime,
    renderer,
    output,
    interrupts,
    fold: new OutcomeFold(session.session_id),
    questions: asks ? questions : undefined,
  };
}

/** What a person should know before the first event. */
function announce({ prepared: { flags, server }, output }: RunTeam, session: CreateSessionAnswer): void {
  if (flags.json === true) return;
  for (const { where, message } of session.warnings ?? []) {
    output.note(`${where.file}:${where.line}: warning: ${oneLine(message, 300)}`);
  }
  if (session.paused)
    output.note('the session is paused: its runs hold until /pause in a conversation lets them go on');
  if (flags.session === undefined && flags.continue !== true) return;
  const { session: summary, agent } = session;
  output.note(
    `session ${session.session_id}: agent ${agent.name}, model ${agent.model}, in ${folderAt(summary.working_dir, server)}, safety ${session.safety}`,
  );
}

async function finish({ output }: RunTeam, { fold, runtime }: Drive, targets: Targets): Promise<void> {
  const { answer } = fold.outcome;
  if (targets.answer !== undefined) {
    if (answer === undefined) output.note(`there is no final answer, so ${targets.answer} was not written`);
    else await writeAnswer(targets.answer, answer);
  }
  if (targets.recording !== undefined) await writeRecording(runtime, targets.recording, output);
}
