import { basename, join } from 'node:path';
import { addFolderRule } from '../../config/folder-rules.ts';
import type { Runtime } from '../../protocol/backend.ts';
import type { CreateSessionAnswer } from '../../protocol/contract/answers.ts';
import { toYonderError } from '../../protocol/errors.ts';
import type { WireEvent, YonderEvent } from '../../protocol/events/events.ts';
import { changing, looking } from '../request-context.ts';
import { OutcomeFold } from '../run/outcome.ts';
import { styleFor } from '../terminal/style.ts';
import { Asker } from './asker.ts';
import type { Talk } from './commands/command.ts';
import { commandOf, readCommand } from './commands/table.ts';
import { complete } from './complete.ts';
import type { Conversation } from './conversation.ts';
import { Editor, type Focus } from './editor.ts';
import { greet } from './greeting.ts';
import { History } from './history.ts';
import { Keyboard } from './keyboard.ts';
import { LineQueue } from './line-queue.ts';
import { createAnother, folderFrom } from './new-session.ts';
import { showRun } from './run.ts';
import { Screen } from './screen.ts';
import { completionSources } from './sources.ts';
import { Steers } from './steers.ts';
import { View } from './view.ts';

const PROMPT = '> ';

/** A conversation on a terminal: lines in, runs out, until the person leaves. */
export class Talking {
  readonly #conversation: Conversation;
  readonly #screen: Screen;
  readonly #editor: Editor;
  readonly #keyboard: Keyboard;
  readonly #view: View;
  readonly #asker: Asker | undefined;
  readonly #history: History;
  readonly #lines = new LineQueue();
  readonly #steers = new Steers();
  readonly #talk: Talk;
  #session: CreateSessionAnswer;
  #runtime: Runtime;
  #run_id: string | undefined;
  #head = 0;
  /** It had no message when it began, so that its title is still to be made. */
  #isUntitled: boolean;
  #isLeaving = false;
  #cutByLeaving = false;
  #interruptedAtPrompt = false;

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
    const { io, runtime, context, backend } = conversation;
    const { going, drive } = context;
    const { flags, places } = going.prepared;
    const style = styleFor(io.stderr, io.env);
    const isLive = io.env['TERM'] !== 'dumb';
    this.#session = going.session;
    this.#runtime = runtime;
    this.#isUntitled = going.session.session.num_messages === 0;
    this.#screen = new Screen(io, drive.output, isLive);
    this.#view = new View({
      screen: this.#screen,
      textStyle: styleFor(io.stdout, io.env),
      style,
      hideCalls: flags.hideToolCalls === true,
      hideResults: flags.hideToolResults === true,
      now: () => io.now().getTime(),
    });
    this.#view.begin(runtime.session_id);
    this.#history = new History(join(places.state, 'history'), (words) => this.#screen.note(words));
    this.#talk = {
      backend,
      io,
      style,
      calls: this.#view.calls,
      runtime: () => this.#runtime,
      note: (line) => this.#screen.note(line),
      watch: (run_id, after) => this.#watch(run_id, this.#runtime.follow(looking(), { after, run_id })),
      beginSession: (folder) => this.#beginSession(folder),
      leave: () => this.#leave(),
    };
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
    this.#asker = drive.questions === undefined ? undefined : this.#makeAsker();
  }

  /** Talks to the end and gives the exit code: 130 where leaving has cut a run, else 0. */
  async toTheEnd(): Promise<number> {
    const { interrupts, fold } = this.#conversation.context.drive;
    await this.#history.load();
    await greet(this.#talk, this.#view, this.#session);
    this.#keyboard.start();
    try {
      this.#editor.draw();
      if (fold.outcome.ends.length > 0) await this.#title();
      await this.#joinLiveRun();
      while (!this.#isLeaving) {
        interrupts.reset();
        interrupts.onFirst(() => this.#leave());
        this.#screen.ask(`\n${PROMPT}`);
        const line = await this.#lines.next();
        interrupts.onFirst(undefined);
        if (line !== undefined) await this.#guarded(() => this.#act(line));
      }
    } finally {
      interrupts.onFirst(undefined);
      this.#keyboard.stop();
      this.#screen.close();
      await this.#history.close();
    }
    return this.#cutByLeaving ? 130 : 0;
  }

  #focus(): Focus {
    const sources = () => completionSources(this.#talk, () => this.#session.session.working_dir);
    return {
      prompt: PROMPT,
      line: (text) => this.#line(text),
      interrupt: () => this.#interrupt(),
      end: () => this.#leave(),
      history: () => this.#history.entries,
      complete: (now) => complete(now, sources()),
    };
  }

  #makeAsker(): Asker {
    const { io, context } = this.#conversation;
    return new Asker({
      screen: this.#screen,
      editor: this.#editor,
      style: styleFor(io.stderr, io.env),
      runtime: () => this.#runtime,
      settle: () => this.#view.settle(),
      onInterrupt: () => this.#interrupt(),
      onEnd: () => this.#leave(),
      remember: async (rule) => {
        const folder = this.#session.session.working_dir;
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
    const isRunning = this.#run_id !== undefined;
    const { style } = this.#talk;
    text
      .split('\n')
      .forEach((line, index) => this.#screen.echo(style('cyan', `${index === 0 ? PROMPT : '  '}${line}`)));
    if (!isRunning) this.#lines.push(text);
    else void this.#guarded(() => this.#meanwhile(text));
  }

  async #act(line: string): Promise<void> {
    const command = readCommand(line);
    if (command !== undefined) return commandOf(command.name).run(this.#talk, command.argument);
    const stream = await this.#runtime.run(changing(), { messages: [{ role: 'user', content: line }] });
    this.#view.sent(stream.input_id, false);
    await this.#watch(stream.run_id, stream);
    await this.#title();
  }

  async #meanwhile(text: string): Promise<void> {
    const given = readCommand(text);
    if (given !== undefined) {
      const command = commandOf(given.name);
      if (command.anytime) return command.run(this.#talk, given.argument);
      this.#screen.note(`/${command.name} has to wait until the run is over; Ctrl-C interrupts it`);
      return;
    }
    const { input_id } = await this.#runtime.steer(changing(), {
      messages: [{ role: 'user', content: text }],
    });
    this.#view.sent(input_id, true);
    this.#steers.sent(input_id, text);
    this.#screen.note(this.#talk.style('dim', 'queued: the model is told at its next step'));
  }

  /** Shows a run, and the one that a late line has begun after it. */
  async #watch(run_id: string, events: AsyncIterable<WireEvent>): Promise<void> {
    await this.#show(run_id, events);
    while (this.#steers.isWaiting && !this.#isLeaving) {
      const { active_run } = await this.#runtime.open(looking(), {});
      if (active_run === undefined) break;
      await this.#show(
        active_run.run_id,
        this.#runtime.follow(looking(), { after: this.#head, run_id: active_run.run_id }),
      );
    }
    this.#steers.clear();
    const returned = this.#steers.takeReturned();
    if (returned.length === 0) return;
    const text = returned.join('\n');
    this.#screen.note(`not told to the model any more: ${text}`);
    if (this.#editor.text === '') this.#editor.set(text);
  }

  async #show(run_id: string, events: AsyncIterable<WireEvent>): Promise<void> {
    const { interrupts, fold } = this.#conversation.context.drive;
    interrupts.reset();
    this.#run_id = run_id;
    try {
      const common = { view: this.#view, screen: this.#screen, asker: this.#asker, interrupts, total: fold };
      await showRun({
        ...common,
        runtime: this.#runtime,
        events,
        run_id,
        onEvent: (event) => this.#seen(event),
      });
    } finally {
      this.#run_id = undefined;
    }
  }

  #seen(event: YonderEvent): void {
    if ('seq' in event) this.#head = event.seq;
    this.#steers.take(event);
  }

  /** A run that goes on in this session already, e.g. in another process. */
  async #joinLiveRun(): Promise<void> {
    const { active_run, pending_interactions } = await this.#runtime.open(looking(), {});
    if (active_run === undefined) return;
    const { run_id, pid } = active_run;
    this.#screen.note(
      `a run of this session goes on${active_run.here || pid === undefined ? '' : ` in process ${pid}`}; Ctrl-C interrupts it`,
    );
    this.#asker?.takePending(pending_interactions);
    await this.#guarded(() =>
      this.#watch(run_id, this.#conversation.backend.followRun(looking(), { run_id })),
    );
  }

  /** Ctrl-C: in a run the first one interrupts it and the second ends the process; at the prompt it clears the line, and twice leaves. */
  #interrupt(): void {
    const { interrupts } = this.#conversation.context.drive;
    if (this.#run_id !== undefined) {
      if (interrupts.count > 0) {
        this.#screen.close();
        this.#conversation.context.drive.output.note(
          `go on: yonder run --session ${this.#runtime.session_id}`,
        );
      }
      interrupts.raise();
      return;
    }
    if (this.#interruptedAtPrompt) return this.#leave();
    this.#interruptedAtPrompt = true;
    this.#editor.set('');
    this.#screen.note('Ctrl-C again, or Ctrl-D, leaves');
  }

  #leave(): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.#lines.end();
    if (this.#run_id === undefined) return;
    this.#cutByLeaving = true;
    this.#conversation.context.drive.interrupts.raiseOnce();
  }

  /** A call of the model: in a conversation alone, once, after the first run (issue 2, section 8). */
  async #title(): Promise<void> {
    if (!this.#isUntitled || this.#isLeaving) return;
    this.#isUntitled = false;
    await this.#runtime.regenerateTitle(changing(), {});
  }

  async #beginSession(typed: string | undefined): Promise<void> {
    const { context, io, backend } = this.#conversation;
    const folder = folderFrom(this.#session.session.working_dir, io.home, typed);
    const left = this.#runtime.session_id;
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
    this.#runtime = backend.session(session_id);
    context.drive.runtime = this.#runtime;
    context.drive.fold = new OutcomeFold(session_id);
    context.drive.renderer.begin(session_id);
    this.#view.begin(session_id);
    this.#isUntitled = true;
    this.#head = 0;
    this.#screen.note(`the session before stays: yonder run --session ${left}`);
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
