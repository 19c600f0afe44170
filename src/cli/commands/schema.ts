import { teamJsonSchema } from '../../team/index.ts';
import type { Io } from '../terminal/io.ts';
import { Output } from '../terminal/output.ts';

/** `yonder schema [team|policy]` */
export async function schema(io: Io, of: 'team' | 'policy' = 'team'): Promise<number> {
  const shown = of === 'team' ? teamJsonSchema() : await policySchema();
  await new Output(io).text(`${JSON.stringify(shown, undefined, 2)}\n`);
  return 0;
}

async function policySchema(): Promise<object> {
  const { policyJsonSchema } = await import('../../config/policy/json-schema.ts');
  return policyJsonSchema();
}
