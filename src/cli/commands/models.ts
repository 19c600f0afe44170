import { resolveSettings } from '../../config/settings.ts';
import { readUserConfig } from '../../config/user-config.ts';
import { withEnvironment } from '../flags/environment.ts';
import { placesOf } from '../places.ts';
import { looking } from '../request-context.ts';
import { reservedNames } from '../reserved-names.ts';
import type { Io } from '../terminal/io.ts';
import { type LookFlags, withBackend } from './with-backend.ts';

/** `yonder models [word] [--json]` */
export function models(word: string | undefined, flags: LookFlags, io: Io): Promise<number> {
  return withBackend(flags, io, { readOnly: true, keys: true }, async (backend, output) => {
    const gateway = await gatewayOf(flags, io);
    const listed = (await backend.hostModels(looking(), {})).models;
    const shown = listed.filter((model) => `${model.provider}/${model.model}`.includes(word ?? ''));
    for (const model of shown) {
      if (flags.json === true) {
        await output.text(`${JSON.stringify(model)}\n`);
        continue;
      }
      const price =
        model.input_price === undefined
          ? 'price unknown'
          : `$${model.input_price} in, $${model.output_price ?? '?'} out per million tokens`;
      const window =
        model.context_limit === undefined ? '' : `, ${Math.round(model.context_limit / 1000)}k context`;
      await output.text(`${model.provider}/${model.model}  ${price}${window}${keyText(model, gateway)}\n`);
    }
    if (shown.length === 0 && word !== undefined) output.note(`no model has "${word}" in its name`);
    return 0;
  });
}

/** Whether a gateway is set that holds the keys. */
async function gatewayOf(flags: LookFlags, io: Io): Promise<boolean> {
  const { configFile } = placesOf(withEnvironment(flags, io.env), io);
  const user = await readUserConfig(configFile, { reserved: reservedNames(io) });
  const { models_gateway } = resolveSettings({ flags: {}, env: io.env, projects: [], user });
  return models_gateway.value !== undefined;
}

/** The usual place is not worth a word. */
function keyText(
  { key_present, key_origin = 'environment' }: { key_present?: boolean; key_origin?: string },
  gateway: boolean,
): string {
  if (gateway && key_present !== true) return '  (key: the gateway has it)';
  if (key_present === undefined) return '  (key: the credential helper is asked when it is needed)';
  if (key_present === false) return '  (no key)';
  return key_origin === 'environment' ? '' : `  (key from the ${key_origin.replace('_', ' ')})`;
}
