import type { Duplex } from 'node:stream';
import { constants, createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { FetchError } from './fetch-error.ts';

/** As many encodings as a response may have on top of each other. */
const MAX_ENCODINGS = 3;
// A body that stops early gives what there is of it, as in browsers and in Node.
const LENIENT = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
const LENIENT_BROTLI = { flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH };

const DECODERS: Readonly<Record<string, () => Duplex>> = {
  gzip: () => createGunzip(LENIENT),
  'x-gzip': () => createGunzip(LENIENT),
  deflate: () => createInflate(LENIENT),
  br: () => createBrotliDecompress(LENIENT_BROTLI),
  zstd: () => createZstdDecompress(),
};

/**
 * Streams that decompress a body, in the order in which they are needed; none where an encoding is unknown: the script then
 * gets the bytes as they are, as the Fetch standard says.
 * @throws FetchError for more encodings than anybody needs
 */
export function decoders(contentEncoding: string): Duplex[] {
  const names = contentEncoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity');
  if (names.length > MAX_ENCODINGS)
    throw new FetchError(`the response has more than ${MAX_ENCODINGS} content encodings`);
  const makers = names.reverse().map((name) => (Object.hasOwn(DECODERS, name) ? DECODERS[name] : undefined));
  return makers.every((make) => make !== undefined) ? makers.map((make) => make()) : [];
}
