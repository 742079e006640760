/** multipart/form-data, both ways: RFC 7578, and the escapes of the HTML standard. */
import { bytesOfBlob, File } from './blob.ts';
import type { FormEntry } from './form-data.ts';
import { primordials } from './kit.ts';
import { cut, decodeUtf8, encodeUtf8, joined } from './utf8.ts';

const { TypeError: SafeTypeError } = primordials;

const CR = 13;
const LF = 10;
const DASH = 45;
/** Longest head of a part, in bytes. */
const MAX_HEAD_BYTES = 16 << 10;

/** @param boundary that no value holds: a random one */
export function encodeMultipart(entries: readonly FormEntry[], boundary: string): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const [name, value] of entries) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(withCrLf(name))}"`;
    if (typeof value === 'string') parts.push(encodeUtf8(`${head}\r\n\r\n${withCrLf(value)}\r\n`));
    else {
      const type = value.type === '' ? 'application/octet-stream' : value.type;
      parts.push(encodeUtf8(`${head}; filename="${escaped(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`));
      parts.push(bytesOfBlob(value), encodeUtf8('\r\n'));
    }
  }
  parts.push(encodeUtf8(`--${boundary}--\r\n`));
  return joined(parts);
}

/** @throws TypeError where the bytes are no multipart/form-data of this boundary */
export function decodeMultipart(bytes: Uint8Array, boundary: string): FormEntry[] {
  const opening = encodeUtf8(`--${boundary}`);
  const delimiter = encodeUtf8(`\r\n--${boundary}`);
  const entries: FormEntry[] = [];
  // A preamble may come before the first boundary.
  let at = startsWith(bytes, opening, 0) ? 0 : indexOf(bytes, delimiter, 0) + 2;
  if (at === 1) throw malformed();
  at += opening.length;
  for (;;) {
    if (bytes[at] === DASH && bytes[at + 1] === DASH) return entries;
    while (bytes[at] === 32 || bytes[at] === 9) at++;
    if (bytes[at] !== CR || bytes[at + 1] !== LF) throw malformed();
    const head = headAt(bytes, at + 2);
    const end = indexOf(bytes, delimiter, head.end - 2);
    if (end < 0) throw malformed();
    const value = cut(bytes, Math.min(head.end, end), end);
    entries.push([head.name, head.filename === undefined ? decodeUtf8(value) : fileOfPart(value, head)]);
    at = end + delimiter.length;
  }
}

interface Head {
  readonly name: string;
  readonly filename: string | undefined;
  readonly type: string;
  /** Where the value begins. */
  readonly end: number;
}

function headAt(bytes: Uint8Array, start: number): Head {
  let name: string | undefined;
  let filename: string | undefined;
  let type = 'text/plain';
  for (let at = start; ; ) {
    const end = lineEnd(bytes, at);
    if (end < 0 || end - start > MAX_HEAD_BYTES) throw malformed();
    if (end === at) {
      if (name === undefined) throw malformed();
      return { name, filename, type, end: end + 2 };
    }
    const line = decodeUtf8(cut(bytes, at, end));
    const colon = line.indexOf(':');
    if (colon < 1) throw malformed();
    const value = line.slice(colon + 1).trim();
    switch (line.slice(0, colon).trim().toLowerCase()) {
      case 'content-disposition':
        if (!/^form-data\s*(;|$)/i.test(value)) throw malformed();
        name = parameter(value, 'name');
        filename = parameter(value, 'filename');
        break;
      case 'content-type':
        type = value;
        break;
    }
    at = end + 2;
  }
}

const fileOfPart = (value: Uint8Array, { filename, type }: Head): File =>
  new File([value], filename as string, { type });

function parameter(disposition: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^;\\s"]*))`, 'i').exec(disposition);
  if (match === null) return undefined;
  return (match[1] ?? match[2] ?? '').replace(/%0A/gi, '\n').replace(/%0D/gi, '\r').replace(/%22/g, '"');
}

const escaped = (text: string): string => text.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22');

const withCrLf = (text: string): string => text.replace(/\r\n?|\n/g, '\r\n');

function lineEnd(bytes: Uint8Array, from: number): number {
  for (let at = from; ; at++) {
    at = bytes.indexOf(CR, at);
    if (at < 0 || bytes[at + 1] === LF) return at;
  }
}

function startsWith(bytes: Uint8Array, sought: Uint8Array, at: number): boolean {
  for (let i = 0; i < sought.length; i++) if (bytes[at + i] !== sought[i]) return false;
  return true;
}

function indexOf(bytes: Uint8Array, sought: Uint8Array, from: number): number {
  for (let at = from; ; at++) {
    at = bytes.indexOf(sought[0] as number, at);
    if (at < 0 || startsWith(bytes, sought, at)) return at;
  }
}

const malformed = (): Error =>
  new SafeTypeError('the body is not multipart/form-data of the boundary that its type names');
