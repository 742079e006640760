/** Bodies that are forms or blobs, and the types of bodies. */

import { type Blob, blobOf, bytesOfBlob } from './blob.ts';
import { type FormData, formEntries, formOf } from './form-data.ts';
import { port, primordials } from './kit.ts';
import { MIMEType } from './mime-type.ts';
import { decodeMultipart, encodeMultipart } from './multipart.ts';
import { URLSearchParams } from './url-search-params.ts';
import { decodeUtf8 } from './utf8.ts';

const { TypeError: SafeTypeError } = primordials;

type Bytes = Uint8Array<ArrayBuffer>;

/** A body's bytes, and the type that goes with them. */
interface BodyParts {
  readonly bytes: Bytes;
  readonly type: string | undefined;
}

export const blobParts = (blob: Blob): BodyParts => ({
  bytes: bytesOfBlob(blob),
  type: blob.type === '' ? undefined : blob.type,
});

export function formParts(form: FormData): BodyParts {
  const boundary = `----formdata-copepod-${(port('platform', 'uuid', '') as string).replaceAll('-', '')}`;
  const bytes = encodeMultipart(formEntries(form), boundary);
  return { bytes, type: `multipart/form-data; boundary=${boundary}` };
}

/** @param contentType the value of the header */
export const typedBlob = (bytes: Bytes, contentType: string | null): Blob =>
  blobOf(bytes, mimeType(contentType)?.toString() ?? '');

/** @throws TypeError where the bytes are no form of their type */
export function formOfBytes(bytes: Bytes, contentType: string | null): FormData {
  const type = mimeType(contentType);
  if (type?.essence === 'application/x-www-form-urlencoded') {
    // A question mark at the start is taken away: one of the body's own stays.
    const pairs = new URLSearchParams(`?${decodeUtf8(bytes, true)}`) as unknown as Iterable<[string, string]>;
    return formOf([...pairs]);
  }
  const boundary = type?.parameters.get('boundary');
  if (type?.essence === 'multipart/form-data' && boundary !== undefined)
    return formOf(decodeMultipart(bytes, boundary));
  throw new SafeTypeError('formData: the body is of a type that is no form');
}

/** The last of several types that can be parsed, with the charset of those before it: the Fetch standard's "extract a MIME type". */
function mimeType(value: string | null): MIMEType | undefined {
  if (value === null) return undefined;
  let last: MIMEType | undefined;
  let charset: string | undefined;
  for (const text of splitTypes(value)) {
    const type = MIMEType.parse(text);
    if (type === null || type.essence === '*/*') continue;
    if (type.essence !== last?.essence) charset = type.parameters.get('charset');
    else if (!type.parameters.has('charset') && charset !== undefined) type.parameters.set('charset', charset);
    last = type;
  }
  return last;
}

/** At commas that stand outside quotes. */
const splitTypes = (value: string): readonly string[] => value.match(/(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g) ?? [];
