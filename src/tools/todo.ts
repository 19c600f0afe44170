import { z } from 'zod';
import { defineTool } from './define-tool.ts';
import type { Tool, ToolResult, ToolState } from './tool.ts';

const statusSchema = z.enum(['pending', 'in-progress', 'completed']);
const todoSchema = z.object({ id: z.string(), description: z.string(), status: statusSchema });
const todosSchema = z.array(todoSchema).default([]);
type Todo = z.infer<typeof todoSchema>;

export const TODO_INSTRUCTION = [
  'Keep a todo list for work of several steps: create the items first, set one to in-progress when you begin it and to completed when it is done.',
  'Change several items with one update_todos call.',
].join('\n');

const description = z.string().min(1).describe('What is to be done');
const KEY = 'todos';

function readTodos(state: ToolState): Todo[] {
  return todosSchema.parse(state.read(KEY));
}

function add(state: ToolState, descriptions: readonly string[]): { created: Todo[]; all: Todo[] } {
  const todos = readTodos(state);
  const created = descriptions.map((text, index) => ({
    // Nothing is ever taken off the list, so its length is a counter.
    id: `todo_${todos.length + index + 1}`,
    description: text,
    status: 'pending' as const,
  }));
  const all = [...todos, ...created];
  state.write(KEY, all);
  return { created, all };
}

const answer = (value: object): ToolResult => ({ output: JSON.stringify(value) });

function update(state: ToolState, updates: readonly Pick<Todo, 'id' | 'status'>[]): ToolResult {
  const wanted = new Map(updates.map(({ id, status }) => [id, status]));
  const before = readTodos(state);
  const all = before.map((todo) => ({ ...todo, status: wanted.get(todo.id) ?? todo.status }));
  const updated = all.filter(({ id }) => wanted.has(id));
  const known = new Set(all.map(({ id }) => id));
  const notFound = [...wanted.keys()].filter((id) => !known.has(id));
  if (updated.length > 0) state.write(KEY, all);
  const open = all.filter(({ status }) => status !== 'completed');
  return {
    ...answer({
      updated,
      all_todos: all,
      ...(notFound.length === 0 ? {} : { not_found: notFound }),
      ...(open.length === 0
        ? {}
        : { reminder: `Not completed yet: ${open.map(({ id }) => id).join(', ')}.` }),
    }),
    is_error: updated.length === 0 && notFound.length > 0,
  };
}

/** Option `shared`: one list for the whole session tree, recorded with the calls that change it. */
export function todoTools(options: Readonly<Record<string, unknown>> = {}): Tool[] {
  const shared = options['shared'] === true;
  return [
    defineTool(
      { toolset: 'todo', name: 'create_todo' },
      {
        title: 'Create a todo',
        description: 'Adds one item to the todo list.',
        shared,
        input: z.strictObject({ description }),
        async execute(args, { state }) {
          const { created, all } = add(state, [args.description]);
          return answer({ created: created[0], all_todos: all });
        },
      },
    ),
    defineTool(
      { toolset: 'todo', name: 'create_todos' },
      {
        title: 'Create todos',
        description: 'Adds several items to the todo list.',
        shared,
        input: z.strictObject({ descriptions: z.array(description).min(1) }),
        async execute(args, { state }) {
          const { created, all } = add(state, args.descriptions);
          return answer({ created, all_todos: all });
        },
      },
    ),
    defineTool(
      { toolset: 'todo', name: 'update_todos' },
      {
        title: 'Update todos',
        description: 'Sets the status of one or more items of the todo list.',
        shared,
        input: z.strictObject({
          updates: z
            .array(z.strictObject({ id: z.string().describe('As in all_todos'), status: statusSchema }))
            .min(1),
        }),
        execute: async (args, { state }) => update(state, args.updates),
      },
    ),
    defineTool(
      { toolset: 'todo', name: 'list_todos' },
      {
        title: 'List todos',
        description: 'Gives the todo list.',
        shared,
        input: z.strictObject({}),
        execute: async (_args, { state }) => answer({ all_todos: readTodos(state) }),
      },
    ),
  ];
}
