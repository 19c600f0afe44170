import { parseDocument } from 'yaml';
import { changeConfig } from './change-config.ts';
import { parseUserConfig, type ReadUserOptions } from './user-config.ts';

/** Sets one key, e.g. `settings.snapshot`, to a value in YAML; the file is checked whole before it is written. */
export async function setValue(
  file: string,
  key: string,
  value: string,
  options: ReadUserOptions,
): Promise<void> {
  const written: unknown = parseDocument(value).toJS();
  await changeConfig(
    file,
    (document) => {
      document.setIn(key.split('.'), document.createNode(written));
      return true;
    },
    (text) => parseUserConfig(file, text, options),
  );
}
