import type { LoadTeamRequest } from '../../../protocol/contract/payloads.ts';
import type { RequestContext } from '../../../protocol/context.ts';
import { YonderError } from '../../../protocol/errors.ts';
import type { UploadRow } from '../../../protocol/store.ts';
import type { Host } from '../host.ts';

/** An upload of the one who asks; somebody else's is not found (R12). `what` says in the message what needed it. */
export async function uploadOf(
  host: Host,
  context: RequestContext,
  upload_id: string,
  what: string,
): Promise<UploadRow & { bytes: Uint8Array }> {
  const upload = await host.store.upload(upload_id);
  if (upload !== undefined && host.sees(context, upload)) return upload;
  throw new YonderError('not_found', `there is no upload ${upload_id} for ${what}; upload it again`);
}

/** Every upload that a request names is one of the caller's, before anything is made of it. */
export async function checkUploads(
  host: Host,
  context: RequestContext,
  request: Pick<LoadTeamRequest, 'prompt_files' | 'runtime_config'>,
): Promise<void> {
  for (const { name, upload_id } of request.prompt_files ?? [])
    await uploadOf(host, context, upload_id, `the prompt file ${name}`);
  const cassette = request.runtime_config?.cassette?.upload_id;
  if (cassette !== undefined) await uploadOf(host, context, cassette, 'the cassette');
}
