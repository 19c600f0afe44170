/** The rooms of src/ and the arrows between them: DESIGN.md section 3 as data. */
export const ROOMS = {
  protocol: [],
  process: [],
  team: ['protocol', 'process'],
  runner: ['protocol', 'process'],
  session: ['protocol', 'process'],
  server: ['protocol', 'process'],
  client: ['protocol', 'process'],
  control: ['protocol', 'process'],
  serve: ['protocol', 'process'],
  config: ['protocol', 'process'],
  model: ['protocol', 'runner'],
  tools: ['protocol', 'runner'],
  runtime: ['protocol', 'process', 'team', 'model', 'tools', 'runner', 'session'],
  cli: [
    'protocol',
    'process',
    'team',
    'runner',
    'session',
    'server',
    'client',
    'control',
    'serve',
    'config',
    'model',
    'tools',
    'runtime',
  ],
  testing: [
    'protocol',
    'process',
    'team',
    'runner',
    'session',
    'server',
    'client',
    'control',
    'serve',
    'config',
    'model',
    'tools',
    'runtime',
  ],
} as const satisfies Record<string, readonly string[]>;

export type Room = keyof typeof ROOMS;

export function isRoom(name: string): name is Room {
  return Object.hasOwn(ROOMS, name);
}

/** Rooms that other packages may import as `yonder-agents/<room>`, each once it has its src/<room>/index.ts. */
export const PUBLIC_ROOMS = [
  'protocol',
  'client',
  'runner',
  'testing',
  'team',
  'runtime',
  'session',
  'model',
  'tools',
  'server',
] as const satisfies readonly Room[];
