import path from 'node:path';

const PROGRAMS = {
  'server-everything': 'server-everything/dist/index.js',
  'server-filesystem': 'server-filesystem/dist/index.js',
  'server-memory': 'server-memory/dist/index.js',
  conformance: 'conformance/dist/index.js',
} as const;

/** The absolute path of the script that starts a program of others; Node runs it. */
export function partProgram(name: keyof typeof PROGRAMS): string {
  return path.join(import.meta.dirname, 'node_modules', '@modelcontextprotocol', PROGRAMS[name]);
}
