import { spawn } from 'node:child_process';
import type { Io } from '../terminal/io.ts';

/**
 * Opens the person's browser: `$BROWSER` where it is set (`none` opens nothing), else what this system has for it. False where there is none: then the person
 * opens the address.
 */
export async function openBrowser(url: string, env: Io['env']): Promise<boolean> {
  const command = browserCommand(url, env);
  if (command === undefined) return false;
  const [program = '', ...args] = command;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const child = spawn(program, args, { detached: true, stdio: 'ignore' });
  child.once('spawn', () => resolve(true));
  child.once('error', () => resolve(false));
  // It outlives this command.
  child.unref();
  return promise;
}

function browserCommand(url: string, env: Io['env']): string[] | undefined {
  // Nothing but an address of the web is ever handed to a program.
  if (!/^https?:\/\//.test(url)) return undefined;
  const chosen = env['BROWSER'] ?? '';
  if (chosen === 'none') return undefined;
  if (chosen !== '') return [chosen, url];
  if (process.platform === 'darwin') return ['open', url];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url];
  const hasScreen = (env['DISPLAY'] ?? '') !== '' || (env['WAYLAND_DISPLAY'] ?? '') !== '';
  return hasScreen ? ['xdg-open', url] : undefined;
}
