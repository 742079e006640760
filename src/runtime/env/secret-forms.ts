import { inspect } from 'node:util';
import { storableText } from '../../api/text.ts';

/** Shorter values are in any text by chance: they are not redacted. UTF-16 units. */
export const MIN_SECRET_LENGTH = 4;
/** The same of a line of a value. */
const MIN_LINE_LENGTH = 8;
const MAX_LINES = 200;
/** The same of the part of a base64 text that does not depend on its neighbours. */
const MIN_BASE64_LENGTH = 6;

/**
 * The texts that a secret value is found by: itself, each of its lines, and either in JSON, in URLs and as Node prints it;
 * its bytes in hex, base64 and base64url, at any place of a longer encoded text. Pure.
 *
 * @returns none of a value that is too short
 */
export function secretForms(value: string): readonly string[] {
  const values = [value, value.trim()].filter((text) => text.trim().length >= MIN_SECRET_LENGTH);
  if (values.length === 0) return [];
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  const longLines = lines.length === 1 ? [] : lines.filter((line) => line.length >= MIN_LINE_LENGTH);
  const forms = [
    ...[...values, ...longLines.slice(0, MAX_LINES)].flatMap(textForms),
    ...values.flatMap((text) => byteForms(Buffer.from(text))),
  ];
  return [...new Set(forms)];
}

function textForms(text: string): readonly string[] {
  const json = inJson(text);
  const component = encodeURIComponent(text.toWellFormed());
  const urls = [component, encodeURI(text.toWellFormed()), new URLSearchParams([['', text]]).toString().slice(1)];
  return [
    text,
    storableText(text),
    json,
    inJson(json),
    json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    inspect(text, { breakLength: Number.POSITIVE_INFINITY, maxStringLength: null }).slice(1, -1),
    ...urls,
    ...urls.map((url) => url.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase())),
    ...inUrl(text),
    // As a URL writes a host.
    text.toLowerCase(),
  ];
}

/** A text as a URL's path and query have it where it was put there as it is. */
function inUrl(text: string): readonly string[] {
  const url = new URL('https://host/');
  url.pathname = text;
  url.search = text;
  return [url.pathname.slice(1), url.search.slice(1)].filter((part) => part.length >= MIN_SECRET_LENGTH);
}

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

function byteForms(bytes: Buffer): readonly string[] {
  const hex = bytes.toString('hex');
  const whole = bytes.toString('base64');
  const base64 = [whole, ...[0, 1, 2].map((shift) => base64Core(bytes, shift))].filter(
    (text) => text.length >= MIN_BASE64_LENGTH,
  );
  return [hex, hex.toUpperCase(), ...base64, ...base64.map(inBase64Url)];
}

/** What base64 makes of bytes that stand behind `shift` others (modulo 3), without what the bytes around them change. */
function base64Core(bytes: Buffer, shift: number): string {
  const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
  return encoded.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
}

const inBase64Url = (text: string): string => text.replace(/[+/=]/g, (char) => ({ '+': '-', '/': '_' })[char] ?? '');
