import { exitOfError } from '../exit-code.ts';
import { toYonderError } from '../../protocol/errors.ts';
import { clientChecks, type Check } from '../doctor/checks.ts';
import { placesOf } from '../places.ts';
import { withEnvironment } from '../flags/environment.ts';
import { looking } from '../request-context.ts';
import type { Io } from '../terminal/io.ts';
import { Output } from '../terminal/output.ts';
import { styleFor } from '../terminal/style.ts';
import { type LookFlags, withBackend } from './with-backend.ts';

/** `yonder doctor [--json]`: exit 0 with warnings, 2 for a faulty configuration, the store's exit code where it cannot be used. */
export async function doctor(flags: LookFlags, io: Io): Promise<number> {
  const output = new Output(io);
  const checks: Check[] = await clientChecks(placesOf(withEnvironment(flags, io.env), io), io);
  // Without a sound configuration there is no helper to speak of; all else is looked at.
  const sound = !checks.some(({ name, state }) => name === 'configuration' && state === 'failed');
  let exit = sound ? 0 : exitOfError('invalid_request');
  try {
    await withBackend(flags, io, { readOnly: true, keys: sound }, async (backend, _output, server) => {
      const found = (await backend.doctor(looking(), {})).checks;
      const place = server?.address.host;
      checks.push(
        ...(place === undefined
          ? found
          : found.map((check) => ({ ...check, name: `${check.name} on ${place}` }))),
      );
      return 0;
    });
  } catch (thrown) {
    const error = toYonderError(thrown);
    checks.push({ name: 'store', state: 'failed', detail: error.message });
    exit = exitOfError(error.code);
  }
  const style = styleFor(io.stdout, io.env);
  const colour = { ok: 'green', warning: 'yellow', missing: 'dim', failed: 'red' } as const;
  for (const check of checks) {
    await output.text(
      flags.json === true
        ? `${JSON.stringify(check)}\n`
        : `${style(colour[check.state], check.state.padEnd(8))} ${check.name}: ${check.detail}\n`,
    );
  }
  return exit;
}
