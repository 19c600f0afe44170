import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The text of a SKILL.md; `keys` are further lines of its front matter. */
export function skillText(name: string, text: string, keys: readonly string[] = []): string {
  return ['---', `name: ${name}`, `description: How to ${name}`, ...keys, '---', '', text, ''].join('\n');
}

/** Writes files below a folder, with the folders that they need. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const whole = join(folder, path);
    await mkdir(dirname(whole), { recursive: true });
    await writeFile(whole, content);
  }
}
