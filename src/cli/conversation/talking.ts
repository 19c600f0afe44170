import { basename, join } from 'node:path';
import { addFolderRule } from '../../config/folder-rules.ts';
import type { CreateSessionAnswer } from '../../protocol/contract/answers.ts';
import { toYonderError } from '../../protocol/errors.ts';
import { resumeCommand, rulesFolder } from '../remote/remote-server.ts';
import { lineTelling } from '../remote/telling.ts';
import { looking } from '../request-context.ts';
import { teamCommands } from '../run/team-command.ts';
import { skillsToType } from '../run/team-skills.ts';
import { OutcomeFold } from '../run/outcome.ts';
import { styleFor } from '../terminal/style.ts';
import { Questions } from '../questions/questions.ts';
import type { Talk } from './commands/command.ts';
import { commandOf, isBuiltIn, readCommand } from './commands/table.ts';
import { complete } from './complete.ts';
import type { Conversation } from './conversation.ts';
import { Editor, type Focus } from './editor.ts';
import { greet } from './greeting.ts';
import { History } from './history.ts';
import { Keyboard } from './keyboard.ts';
import { linePrompter } from './line-prompter.ts';
import { LineQueue } from './line-queue.ts';
import { createAnother, folderFrom } from './new-session.ts';
import { Runs } from './runs.ts';
import { Screen } from './screen.ts';
import { completionSources } from './sources.ts';
import { View } from './view.ts';

const PROMPT = '> ';

/** A conversation on a terminal: lines in, runs out, until the person leaves. */
export class Talking {
  readonly #conversation: Conversation;
  readonly #isLive: boolean;
  readonly #screen: Screen;
  readonly #editor: Editor;
  readonly #keyboard: Keyboard;
  readonly #view: View;
  readonly #history: History;
  readonly #lines = new LineQueue();
  readonly #runs: Runs;
  readonly #talk: Talk;
  #session: CreateSessionAnswer;
  #isLeaving = false;
  #interruptedAtPrompt = false;

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
    const { io, runtime, context, backend } = conversation;
    const { going, drive } = context;
    const { flags, places } = going.prepared;
    const style = styleFor(io.stderr, io.env);
    const isLive = io.env['TERM'] !== 'dumb';
    this.#isLive = isLive;
    this.#session = going.session;
    this.#screen = new Screen(io, drive.output, isLive);
    this.#view = new View({
      screen: this.#screen,
      textStyle: styleFor(io.stdout, io.env),
      style,
      hideCalls: flags.hideToolCalls === true,
      hideResults: flags.hideToolResults === true,
      now: () => io.now().getTime(),
    });
    this.#view.begin(runtime.session_id, going.session.paused);
    this.#history = new History(join(places.state, 'history'), (words) => this.#screen.note(words));
    this.#talk = {
      backend,
      io,
      style,
      calls: this.#view.calls,
      server: going.prepared.server,
      runtime: () => this.#runs.runtime,
      note: (line) => this.#screen.note(line),
      watch: (run_id, after) =>
        this.#runs.watch(run_id, this.#runs.runtime.follow(looking(), { after, run_id })),
      beginSession: (folder) => this.#beginSession(folder),
      followUp: (text) => this.#runs.followUp(text),
      leave: () => this.#leave(),
      forget: () => {
        this.#conversation.context.drive.deleted = true;
      },
    };
    if (going.prepared.server !== undefined)
      going.prepared.server.telling = lineTelling((line) => this.#screen.note(line));
    this.#editor = new Editor(this.#screen, this.#focus());
    this.#keyboard = new Keyboard({
      io,
      output: drive.output,
      isLive,
      onKey: (character, key) => {
        if (!(key.ctrl === true && key.name === 'c')) this.#interruptedAtPrompt = false;
        this.#editor.key(character, key).catch((thrown: unknown) => this.#fault(thrown));
      },
      onLine: (line) => this.#editor.line(line),
      onEnd: () => this.#leave(),
    });
    const runs = { backend, drive, screen: this.#screen, view: this.#view, editor: this.#editor, style };
    const questions = drive.questions === undefined ? undefined : this.#makeQuestions();
    this.#runs = new Runs({ ...runs, questions }, going.session.session.num_messages === 0);
  }

  /** Talks to the end and gives the exit code: 130 where leaving has cut a run, else 0. */
  async toTheEnd(): Promise<number> {
    const { interrupts, fold } = this.#conversation.context.drive;
    await this.#history.load();
    // A message of the command line has had its answer: nobody is welcomed after that.
    if (fold.outcome.ends.length === 0) await greet(this.#talk, this.#view, this.#session);
    this.#keyboard.start();
    // On a dumb terminal Ctrl-C is a signal and no key.
    interrupts.onFirst(() => this.#signal());
    try {
      this.#editor.draw();
      if (fold.outcome.ends.length > 0) await this.#runs.title();
      await this.#guarded(() => this.#runs.join());
      await this.#guarded(() => this.#sendFirst());
      while (!this.#isLeaving) {
        interrupts.reset();
        this.#screen.ask(`\n${PROMPT}`);
        const line = await this.#lines.next();
        if (line !== undefined) await this.#guarded(() => this.#act(line));
      }
    } finally {
      interrupts.onFirst(undefined);
      this.#keyboard.stop();
      this.#screen.close();
      await this.#history.close();
    }
    return this.#runs.wasLeft ? 130 : 0;
  }

  #focus(): Focus {
    const { io } = this.#conversation;
    const sources = () =>
      completionSources(this.#talk, () =>
        this.#talk.server === undefined ? this.#session.session.working_dir : io.cwd,
      );
    return {
      prompt: PROMPT,
      line: (text) => this.#line(text),
      interrupt: () => this.#interrupt(),
      escape: () => this.#escape(),
      end: () => this.#leave(),
      history: () => this.#history.entries,
      complete: (now) => complete(now, sources()),
    };
  }

  #makeQuestions(): Questions {
    const { io, context } = this.#conversation;
    return new Questions({
      prompter: linePrompter({
        screen: this.#screen,
        editor: this.#editor,
        settle: () => this.#view.settle(),
        onInterrupt: () => this.#interrupt(),
        onEscape: () => this.#escape(),
        onEnd: () => this.#leave(),
        now: () => io.now().getTime(),
      }),
      style: styleFor(io.stderr, io.env),
      env: io.env,
      runtime: () => this.#runs.runtime,
      remember: async (rule) => {
        const folder = rulesFolder(context.going.prepared, this.#session);
        if (await addFolderRule(context.going.prepared.places.configFile, folder, 'allow', rule)) {
          this.#screen.note(`from now on in ${folder}: ${rule} (yonder permissions list)`);
        }
      },
    });
  }

  /** A line that was typed: while a run works it is told to it, else it waits for its turn. */
  #line(text: string): void {
    if (text.trim() === '') return this.#screen.ask(PROMPT);
    this.#history.add(text);
    const { isRunning } = this.#runs;
    this.#echo(text);
    if (!isRunning) this.#lines.push(text);
    else void this.#guarded(() => this.#meanwhile(text));
  }

  #echo(text: string): void {
    const { style } = this.#talk;
    for (const [index, line] of text.split('\n').entries()) {
      this.#screen.echo(style('cyan', `${index === 0 ? PROMPT : '  '}${line}`));
    }
  }

  async #sendFirst(): Promise<void> {
    for (const message of this.#conversation.messages ?? []) {
      if (this.#isLeaving) return;
      this.#echo(message);
      if (!(await this.#runs.send(message))) return;
    }
  }

  async #act(line: string): Promise<void> {
    const command = readCommand(line);
    if (command === undefined || (await this.#isOfTeam(command.name)))
      return void (await this.#runs.send(line));
    return commandOf(command.name).run(this.#talk, command.argument);
  }

  /** The team's own command, or a skill; those that are built in come first. */
  async #isOfTeam(name: string): Promise<boolean> {
    if (isBuiltIn(name)) return false;
    const { runtime } = this.#runs;
    const isMeant = (one: { name: string }): boolean => one.name.toLowerCase() === name;
    return (await teamCommands(runtime)).some(isMeant) || (await skillsToType(runtime, [])).some(isMeant);
  }

  async #meanwhile(text: string): Promise<void> {
    const given = readCommand(text);
    if (given === undefined) return this.#runs.steer(text);
    const isLater = await this.#isOfTeam(given.name);
    const command = isLater ? { ...given, anytime: false as const } : commandOf(given.name);
    if (command.anytime) return command.run(this.#talk, given.argument);
    const shown = command.name === '!' ? text : `/${command.name}`;
    this.#screen.note(`${shown} has to wait until the run is over; Ctrl-C interrupts it`);
  }

  /** Ctrl-C: in a run the first one interrupts it and the second ends the process; at the prompt it clears the line, and twice leaves. */
  #interrupt(): void {
    if (this.#runs.isRunning) {
      if (!this.#runs.cut()) this.#quit();
      return;
    }
    if (this.#interruptedAtPrompt) return this.#leave();
    this.#interruptedAtPrompt = true;
    this.#editor.set('');
    this.#screen.note('Ctrl-C again, or Ctrl-D, leaves');
  }

  /** Esc interrupts like the first Ctrl-C, and never more than that. */
  #escape(): void {
    if (this.#runs.isRunning) this.#runs.cut();
  }

  #signal(): void {
    if (this.#isLive) return this.#leave();
    const isIdle = !this.#runs.isRunning;
    this.#interrupt();
    // Twice at the prompt leaves in good order too.
    if (isIdle) this.#conversation.context.drive.interrupts.reset();
  }

  /** Ends the process with 130. The interrupt is in the inbox: whoever opens the session next finds the run ended. */
  #quit(): void {
    const { output, interrupts } = this.#conversation.context.drive;
    this.#screen.close();
    output.note(`go on: ${resumeCommand(this.#runs.runtime.session_id, this.#talk.server)}`);
    for (let count = interrupts.count; count < 2; count += 1) interrupts.raise();
  }

  #leave(): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.#lines.end();
    this.#runs.leave();
  }

  async #beginSession(typed: string | undefined): Promise<void> {
    const { context, io, backend } = this.#conversation;
    const { working_dir } = this.#session.session;
    const folder = folderFrom(working_dir, io.home, typed, this.#talk.server);
    const left = this.#runs.runtime.session_id;
    this.#session = await this.#screen.without(async () => {
      // Whether to trust what is found there may be asked, and that reads stdin.
      this.#keyboard.stop();
      try {
        return await createAnother(context.going, folder);
      } finally {
        this.#keyboard.start();
      }
    });
    const { session_id } = this.#session;
    context.drive.runtime = backend.session(session_id);
    context.drive.fold = new OutcomeFold(session_id);
    context.drive.renderer.begin(session_id);
    this.#view.begin(session_id);
    this.#runs.begin(context.drive.runtime);
    this.#screen.note(`the session before stays: ${resumeCommand(left, this.#talk.server)}`);
    await greet(this.#talk, this.#view, this.#session);
    if (typed !== undefined) this.#screen.note(`in ${basename(folder)}`);
  }

  /** What fails ends what was asked for, not the conversation. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      this.#fault(thrown);
    }
  }

  #fault(thrown: unknown): void {
    this.#screen.note(this.#talk.style('red', `error: ${toYonderError(thrown).message}`));
  }
}
