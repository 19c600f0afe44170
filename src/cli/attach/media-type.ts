import { exactText, imageType, isBinary } from '../../tools/filesystem/file-kind.ts';

/** What is known by its name; the bytes say more than a name, and are asked first. */
const BY_NAME: Readonly<Record<string, string>> = {
  heic: 'image/heic',
  bmp: 'image/bmp',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  m4a: 'audio/mp4',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
  zip: 'application/zip',
  gz: 'application/gzip',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
};

/** The media type of a file: an image or PDF by its first bytes, text where its bytes are UTF-8, else by its name. */
export function mediaTypeOf(name: string, bytes: Uint8Array): string {
  const image = imageType(bytes);
  if (image !== undefined) return image;
  if (Buffer.from(bytes.subarray(0, 5)).toString('latin1') === '%PDF-') return 'application/pdf';
  if (!isBinary(bytes) && exactText(bytes) !== undefined) return 'text/plain';
  const ending = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return BY_NAME[ending] ?? 'application/octet-stream';
}
