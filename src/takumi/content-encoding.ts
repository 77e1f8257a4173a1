import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

const DECODERS: Readonly<Record<string, typeof gunzipSync>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/**
 * The content of a body. It is asked for as it is; proxies compress it all the same.
 *
 * @param limit bytes.
 * @returns `undefined` for an encoding that is not known, a damaged one, or more than `limit`.
 */
export function contentOf(body: Buffer, encoding: string, limit: number): Buffer | undefined {
  const name = encoding.trim().toLowerCase();
  if (name === '' || name === 'identity' || body.length === 0) return body;
  try {
    if (Object.hasOwn(DECODERS, name)) return DECODERS[name]!(body, { maxOutputLength: limit });
  } catch {
    // Damaged, or too much.
  }
  return undefined;
}
