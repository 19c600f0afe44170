import type { Backend, Runtime } from '../../protocol/backend.ts';
import { toYonderError } from '../../protocol/errors.ts';
import type { WireEvent, YonderEvent } from '../../protocol/events/events.ts';
import type { Questions } from '../questions/questions.ts';
import { changing, looking } from '../request-context.ts';
import { asTeamCommand, type TypedCommand } from '../run/team-command.ts';
import { invoke } from '../run/team-skills.ts';
import type { Drive } from '../run/drive.ts';
import type { Style } from '../terminal/style.ts';
import type { Editor } from './editor.ts';
import { nextRun } from './next-run.ts';
import { showRun } from './run.ts';
import type { Screen } from './screen.ts';
import { Steers } from './steers.ts';
import type { View } from './view.ts';

export interface RunsOptions {
  backend: Backend;
  drive: Drive;
  screen: Screen;
  view: View;
  editor: Editor;
  /** Absent where nobody can be asked. */
  questions: Questions | undefined;
  style: Style;
}

/** The runs of the session that is talked to: one at a time is shown, steered and cut. */
export class Runs {
  readonly #options: RunsOptions;
  readonly #steers = new Steers();
  #runtime: Runtime;
  /** It has had no message, so that its title is still to be made. */
  #isUntitled: boolean;
  #head = 0;
  /** How the last run that was shown ended. */
  #reason = '';
  #cut: (() => void) | undefined;
  #wasCut = false;
  #isLeaving = false;
  #wasLeft = false;
  #sending: Promise<void> = Promise.resolve();

  constructor(options: RunsOptions, isUntitled: boolean) {
    this.#options = options;
    this.#runtime = options.drive.runtime;
    this.#isUntitled = isUntitled;
  }

  get runtime(): Runtime {
    return this.#runtime;
  }

  get isRunning(): boolean {
    return this.#cut !== undefined;
  }

  /** Another session, new, from here on. */
  begin(runtime: Runtime): void {
    this.#runtime = runtime;
    this.#isUntitled = true;
    this.#head = 0;
  }

  /** Interrupts the run that is shown; false when it was interrupted before. */
  cut(): boolean {
    if (this.#cut === undefined || this.#wasCut) return false;
    this.#wasCut = true;
    this.#cut();
    return true;
  }

  /** The person leaves: what runs is cut, and what begins to run at this moment too. */
  leave(): void {
    this.#isLeaving = true;
    this.cut();
  }

  /** Leaving has cut a run. */
  get wasLeft(): boolean {
    return this.#wasLeft;
  }

  /** Sends a message and shows its run to the end; true when that is `normal`. */
  async send(content: string): Promise<boolean> {
    const command = await asTeamCommand(this.#runtime, content);
    if (command !== undefined) return this.#command(command);
    const stream = await this.#runtime.run(changing(), { messages: [{ role: 'user', content }] });
    this.#options.view.sent(stream.input_id, false);
    await this.watch(stream.run_id, stream);
    await this.title();
    return this.#reason === 'normal';
  }

  /** A command of the team or a skill, in place of a message. */
  async #command(command: TypedCommand): Promise<boolean> {
    const { as_of } = await this.#runtime.open(looking(), {});
    const { input_id, run_id } = await invoke(this.#runtime, command);
    this.#options.view.sent(input_id, false);
    this.#head = Math.max(this.#head, as_of);
    await this.watch(run_id);
    await this.title();
    return this.#reason === 'normal';
  }

  /** Tells something to the run that is shown; the model hears it before its next call (R20). */
  steer(content: string): Promise<void> {
    return this.#tell(content, 'steer', 'the model is told at its next step');
  }

  /** What the model is to hear when it is done; where nothing runs, that is now. */
  async followUp(content: string): Promise<void> {
    if (this.isRunning) return this.#tell(content, 'followUp', 'the model is told when it is done');
    const { input_id, started_run } = await this.#runtime.followUp(changing(), {
      messages: [{ role: 'user', content }],
    });
    this.#options.view.sent(input_id, false);
    if (started_run !== undefined) await this.watch(started_run);
    await this.title();
  }

  #tell(content: string, how: 'steer' | 'followUp', when: string): Promise<void> {
    this.#sending = this.#sending.then(() => this.#queue(content, how, when));
    return this.#sending;
  }

  async #queue(content: string, how: 'steer' | 'followUp', when: string): Promise<void> {
    const { screen, view, style } = this.#options;
    try {
      const { input_id } = await this.#runtime[how](changing(), { messages: [{ role: 'user', content }] });
      view.sent(input_id, true);
      this.#steers.sent(input_id, content);
      screen.note(style('dim', `queued: ${when}`));
    } catch (thrown) {
      screen.note(style('red', `not queued: ${toYonderError(thrown).message}`));
    }
  }

  /** Shows a run to its end, and the one that a late line has begun after it. */
  async watch(run_id: string, events: AsyncIterable<WireEvent> = this.#follow(run_id)): Promise<void> {
    await this.#show(run_id, events);
    await this.#sending;
    while (this.#steers.isWaiting && !this.#isLeaving) {
      const next = await nextRun(this.#runtime, this.#head);
      if (next === undefined) break;
      await this.#show(next, this.#follow(next));
      await this.#sending;
    }
    this.#steers.clear();
    this.#giveBack(this.#steers.takeReturned());
  }

  /** A run that goes on in this session already, e.g. in another process. */
  async join(): Promise<void> {
    const { screen, questions, backend } = this.#options;
    const { active_run, pending_interactions } = await this.#runtime.open(looking(), {});
    if (active_run === undefined) return;
    const { run_id, pid, here } = active_run;
    const where = here || pid === undefined ? '' : ` in process ${pid}`;
    screen.note(`a run of this session goes on${where}; Ctrl-C interrupts it`);
    questions?.takePending(pending_interactions);
    await this.watch(run_id, backend.followRun(looking(), { run_id }));
  }

  /** A call of the model: in a conversation alone, once, after a session's first run (issue 2, section 8). */
  async title(): Promise<void> {
    if (!this.#isUntitled || this.#isLeaving) return;
    this.#isUntitled = false;
    await this.#runtime.regenerateTitle(changing(), {});
  }

  #follow(run_id: string): AsyncIterable<WireEvent> {
    return this.#runtime.follow(looking(), { after: this.#head, run_id });
  }

  async #show(run_id: string, events: AsyncIterable<WireEvent>): Promise<void> {
    const { screen, view, questions, drive } = this.#options;
    this.#wasCut = false;
    const onCut = (cut: (() => void) | undefined): void => this.#setCut(cut);
    const onEvent = (event: YonderEvent): void => this.#seen(event);
    this.#reason = await showRun({
      runtime: this.#runtime,
      events,
      run_id,
      view,
      screen,
      questions,
      total: drive.fold,
      onCut,
      onEvent,
    });
    if (this.#isLeaving && this.#reason === 'canceled') this.#wasLeft = true;
  }

  #setCut(cut: (() => void) | undefined): void {
    this.#cut = cut;
    if (cut !== undefined && this.#isLeaving) this.leave();
  }

  #seen(event: YonderEvent): void {
    if ('seq' in event) this.#head = event.seq;
    this.#steers.take(event);
  }

  /** What was typed and told to nobody goes back to the line. */
  #giveBack(texts: readonly string[]): void {
    if (texts.length === 0) return;
    const { screen, editor } = this.#options;
    screen.note(`not told to the model any more: ${texts.join('\n')}`);
    if (editor.text === '') editor.set(texts.join('\n'));
  }
}
