import type { Blob } from './blob.ts';
import { Body, type TypedBody, textBody } from './body.ts';
import { bytesOf } from './bytes-of.ts';
import type { FormData } from './form-data.ts';
import { isBuffer } from './is-buffer.ts';
import { primordials, usv } from './kit.ts';
import { known } from './known.ts';
import { type ByteStream, streams } from './lazy-streams.ts';
import type { URLSearchParams } from './url-search-params.ts';
import { wholeBytes, wholeText } from './whole-body.ts';

const { TypeError: SafeTypeError, isView } = primordials;

type Bytes = Uint8Array<ArrayBuffer>;
type Forms = typeof import('./form-body.ts');
type Queries = typeof import('./url-search-params.ts');

/** What a constructor was given as a body other than a string: the Fetch standard's "extract a body". */
export function extractBody(init: unknown): TypedBody {
  if (known.isReadableStream(init)) {
    const { isDisturbed, isLocked } = streams();
    const stream = init as ByteStream;
    if (isDisturbed(stream) || isLocked(stream))
      throw new SafeTypeError('the stream has been read already, or is locked');
    return { body: new Body(undefined, undefined, stream), type: undefined };
  }
  if (known.isBlob(init)) {
    const { bytes, type } = (require('./form-body.ts') as Forms).blobParts(init as Blob);
    return { body: new Body(wholeBytes(bytes)), type };
  }
  if (isView(init) || isBuffer(init))
    return { body: new Body(wholeBytes(bytesOf(init as ArrayBuffer) as Bytes)), type: undefined };
  if (known.isFormData(init)) {
    const { bytes, type } = (require('./form-body.ts') as Forms).formParts(init as FormData);
    return { body: new Body(wholeBytes(bytes)), type };
  }
  if (known.isURLSearchParams(init)) {
    const type = 'application/x-www-form-urlencoded;charset=UTF-8';
    return {
      body: new Body(wholeText((require('./url-search-params.ts') as Queries).queryOf(init as URLSearchParams))),
      type,
    };
  }
  return textBody(usv(init));
}
