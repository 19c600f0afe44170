import type { Effect, Recovery } from '../protocol/permissions.ts';

export interface ToolTraits {
  effect: Effect;
  /** Whether calls of one turn may run beside each other. */
  parallel: boolean;
  recovery: Recovery;
  /** Whether it may act while another agent acts in the same folder: it changes no file and runs no command (R37, R38). */
  beside: boolean;
}

const reads = { effect: 'none', parallel: true, recovery: 'rerun', beside: true } as const;
const writes = { effect: 'workspace', parallel: false, recovery: 'unknown', beside: false } as const;
/** State is read, changed and written back, so two at a time would lose one; it is recorded with the result, so a rerun is harmless. */
const keeps = { effect: 'session', parallel: false, recovery: 'rerun', beside: true } as const;

/**
 * What each built-in tool does, in one place (R3). No column follows from another. The effect of `shell` is what a line that nobody has
 * judged may do; the decision works out the real one from the line.
 */
export const TOOL_TABLE = {
  filesystem: {
    read_file: reads,
    read_multiple_files: reads,
    list_directory: reads,
    directory_tree: reads,
    search_files_content: reads,
    edit_file: writes,
    write_file: writes,
    create_directory: writes,
    remove_directory: writes,
  },
  shell: {
    shell: { effect: 'external', parallel: false, recovery: 'unknown', beside: false },
    run_background_job: { effect: 'external', parallel: false, recovery: 'unknown', beside: false },
    list_background_jobs: reads,
    view_background_job: reads,
    /** What it ends is the session's own; ending it twice is no more than once. */
    stop_background_job: { ...keeps, beside: false },
  },
  think: { think: keeps },
  todo: {
    create_todo: keeps,
    create_todos: keeps,
    update_todos: keeps,
    list_todos: { effect: 'none', parallel: false, recovery: 'rerun', beside: true },
  },
  /**
   * A GET asks for nothing to be done (RFC 9110, 9.2.1), so asking again is harmless; it tells the other side what is wanted, which is why
   * it is an effect on the outside and no read.
   */
  fetch: { fetch: { effect: 'external', parallel: true, recovery: 'rerun', beside: true } },
  /** One person reads one question at a time; a rerun finds the answers in the log. */
  user_prompt: { user_prompt: keeps },
  /** Offered where an agent has sub-agents. What the agent that gets the task can do says whether tasks run beside each other. */
  agents: {
    transfer_task: { effect: 'delegate', parallel: false, recovery: 'resume', beside: false },
    /** Only says who goes on; that one's calls are judged themselves. */
    handoff: keeps,
  },
  /** Offered where an agent has skills. What is read is text, and pinned with the run. */
  skills: {
    read_skill: reads,
    read_skill_file: reads,
    run_skill: { effect: 'delegate', parallel: false, recovery: 'resume', beside: false },
  },
} as const satisfies Record<string, Record<string, ToolTraits>>;

/** Tools that are rightly called again and again while one waits: the loop detector does not count them (reference 7.5). */
export const LOOP_EXEMPT: ReadonlySet<string> = new Set(['view_background_job']);

type Toolsets = typeof TOOL_TABLE;

/** Toolset types that a team file may name. */
export const BUILTIN_TOOLSETS = [
  'filesystem',
  'shell',
  'fetch',
  'think',
  'todo',
  'user_prompt',
] as const satisfies readonly (keyof Toolsets)[];
export type BuiltinToolset = (typeof BUILTIN_TOOLSETS)[number];

/** Every tool with its toolset. */
export type ToolPlace = {
  [Name in keyof Toolsets]: { toolset: Name; name: keyof Toolsets[Name] & string };
}[keyof Toolsets];

export function traitsOf(place: ToolPlace): ToolTraits {
  const tools: Readonly<Record<string, ToolTraits>> = TOOL_TABLE[place.toolset];
  const traits = tools[place.name];
  if (traits === undefined) throw new TypeError(`${place.toolset}/${place.name} is not in the tool table`);
  return traits;
}
