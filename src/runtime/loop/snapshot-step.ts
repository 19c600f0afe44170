import { toYonderError } from '../../protocol/errors.ts';
import type { EventFields } from '../../protocol/events/events.ts';
import { sha256 } from '../../process/digest.ts';
import type { Tool } from '../../tools/tool.ts';
import type { RunState } from '../fold/run-state.ts';
import { rootMessage } from '../fold/history.ts';
import type { SnapshotPlace } from '../snapshots/snapshots.ts';
import { pictureSchema, type Change, type Picture } from '../snapshots/types.ts';
import { event, type LoopContext } from './context.ts';

/** Changed paths that the event itself names; the rest stands in its details. */
const SHOWN = 50;

type Opened = EventFields<'tool_call_started'>['snapshot'];

/** How the workspace is before the first call of a turn that may change it; undefined where nothing is to be recorded. */
export async function openSnapshot(
  context: LoopContext,
  run: RunState,
  tool: Tool,
  signal: AbortSignal,
): Promise<Opened> {
  const { history } = context.log.state;
  const mayChange = tool.effect === 'workspace' || tool.effect === 'external';
  if (!history.on || !mayChange || history.open?.runs.has(run.run_id) === true) return undefined;
  if (history.open !== undefined) return {};
  try {
    const picture = await (await context.snapshots()).open(place(context), signal);
    return { tree: picture.tree, picture: await keep(context, picture) };
  } catch (thrown) {
    return { failed: toYonderError(thrown, 'unavailable').message };
  }
}

/** The turn is over: what it changed is recorded, or why it could not be. The run goes on in any case. */
export async function closeSnapshot(context: LoopContext, run: RunState, let_go: AbortSignal): Promise<void> {
  const { open } = context.log.state.history;
  const fields =
    open?.failed === undefined
      ? await changesOf(context, open?.picture ?? '', let_go)
      : { failed: open.failed };
  if (let_go.aborted) return;
  const failed = 'failed' in fields ? fields.failed : undefined;
  const isNews = failed !== undefined && context.log.state.history.told !== `${run.run_id} ${failed}`;
  const skipped = (fields.skipped ?? []).join(', ');
  await context.log.append({
    step_id: `${run.run_id}/${run.turn}/snapshot`,
    events: [
      ...(isNews
        ? [
            event('warning', run, {
              message: `no snapshot of the workspace was taken, so /undo cannot take this turn back: ${failed}`,
            }),
          ]
        : []),
      ...(skipped === ''
        ? []
        : [
            event('warning', run, {
              message: `not in the snapshots, and not taken back by /undo: ${skipped}`,
            }),
          ]),
      event('workspace_snapshot', run, { message_id: rootMessage(context.log.state), ...fields }),
    ],
  });
}

async function changesOf(
  context: LoopContext,
  digest: string,
  signal: AbortSignal,
): Promise<Partial<EventFields<'workspace_snapshot'>>> {
  const { log } = context;
  try {
    const snapshots = await context.snapshots();
    const before = pictureSchema.parse(JSON.parse((await log.store.content(log.root_id, digest)) ?? ''));
    const stays = (log.state.history.open?.runs.size ?? 0) > 1;
    const closed = await snapshots.close(place(context), before, stays, signal);
    const { picture: after, changes } = closed;
    const told = log.state.history.skipped;
    const skipped = Object.keys(after.skipped).filter((path) => !told.has(path));
    const said = skipped.length === 0 ? {} : { skipped };
    const folders = changes.made_folders.length + changes.gone_folders.length;
    if (changes.changes.length === 0 && folders === 0) return said;
    const text = JSON.stringify(changes);
    const details = sha256(text);
    await log.store.putContent(log.root_id, details, text);
    return {
      ...said,
      snapshot: log.state.history.taken.filter(({ number }) => number > 0).length + 1,
      folder: changes.top,
      before: before.tree,
      after: after.tree,
      files: changes.changes.length,
      changes: changes.changes
        .slice(0, SHOWN)
        .map((change) => ({ path: change.path, change: kindOf(change) })),
      details,
      picture: await keep(context, after),
    };
  } catch (thrown) {
    return { failed: toYonderError(thrown, 'unavailable').message };
  }
}

function kindOf(change: Change): 'added' | 'modified' | 'deleted' {
  if (change.before === null) return 'added';
  return change.after === null ? 'deleted' : 'modified';
}

async function keep(context: LoopContext, picture: Picture): Promise<string> {
  const text = JSON.stringify(picture);
  const digest = sha256(text);
  await context.log.store.putContent(context.log.root_id, digest, text);
  return digest;
}

function place(context: LoopContext): SnapshotPlace {
  return { session_id: context.log.root_id, folder: context.working_dir };
}
