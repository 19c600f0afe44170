/** How far an upload is, in bytes. */
export interface UploadProgress {
  name: string | undefined;
  sent: number;
  total: number;
}

const CHUNK = 64 * 1024;

/** The bytes as a body that says how far it is; one chunk is read when the connection can take it. */
export function countedBody(
  bytes: Uint8Array,
  onProgress: (sent: number) => void,
): { body: ReadableStream<Uint8Array>; duplex: 'half' } {
  let sent = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (sent >= bytes.byteLength) return controller.close();
        const chunk = bytes.slice(sent, sent + CHUNK);
        sent += chunk.byteLength;
        controller.enqueue(chunk);
        return onProgress(sent);
      },
    },
    { highWaterMark: 0 },
  );
  // A body that is a stream is sent while it is read.
  return { body, duplex: 'half' };
}
