/** `data:` URLs, after the Fetch standard's "data: URL processor": they need no network. */

import { port, primordials } from './kit.ts';
import { MIMEType } from './mime-type.ts';
import { encodeUtf8 } from './utf8.ts';

const { Uint8Array: SafeUint8Array } = primordials;

type Bytes = Uint8Array<ArrayBuffer>;

const PERCENT = 0x25;
const BASE64 = /; *base64$/i;

/** @param url as the URL parser writes it, without its fragment. @returns undefined where it is none */
export function readDataUrl(url: string): { readonly type: string; readonly body: Bytes } | undefined {
  const rest = url.slice('data:'.length);
  const comma = rest.indexOf(',');
  if (comma < 0) return undefined;
  let type = rest.slice(0, comma).trim();
  let body: Bytes | undefined = percentDecoded(rest.slice(comma + 1));
  if (BASE64.test(type)) {
    type = type.replace(BASE64, '');
    body = fromBase64(body);
    if (body === undefined) return undefined;
  }
  const parsed = MIMEType.parse(type.startsWith(';') ? `text/plain${type}` : type);
  return { type: parsed?.toString() ?? 'text/plain;charset=US-ASCII', body };
}

function percentDecoded(text: string): Bytes {
  const bytes = encodeUtf8(text);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const octet = bytes[i] === PERCENT ? hexOf(bytes[i + 1], bytes[i + 2]) : undefined;
    bytes[length++] = octet ?? (bytes[i] as number);
    if (octet !== undefined) i += 2;
  }
  return bytes.slice(0, length);
}

function hexOf(high: number | undefined, low: number | undefined): number | undefined {
  const digits = [high, low].map((code) => (code === undefined ? Number.NaN : parseInt(String.fromCharCode(code), 16)));
  const [first, second] = digits as [number, number];
  return Number.isNaN(first) || Number.isNaN(second) ? undefined : first * 16 + second;
}

function fromBase64(bytes: Bytes): Bytes | undefined {
  let text = '';
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i] as number);
  const decoded = port('platform', 'atob', text) as string | undefined;
  if (decoded === undefined) return undefined;
  const out = new SafeUint8Array(decoded.length);
  for (let i = 0; i < decoded.length; i++) out[i] = decoded.charCodeAt(i);
  return out;
}
