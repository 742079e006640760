import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LogRedactor } from '../../../../src/runtime/env/log-redactor.ts';
import { Redactor } from '../../../../src/runtime/env/redactor.ts';
import { secretForms } from '../../../../src/runtime/env/secret-forms.ts';

const SECRET = 'p4ss w&rd/"ü\\+=';
const redactor = new Redactor([SECRET]);
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('a secret value in a text', () => {
  test.each<[string, string]>([
    ['as it is', SECRET],
    ['in JSON', JSON.stringify(SECRET)],
    ['in JSON in JSON', JSON.stringify(JSON.stringify(SECRET))],
    ['in JSON of ASCII only', '"p4ss w&rd/\\"\\u00fc\\\\+="'],
    ['as a component of a URL', encodeURIComponent(SECRET)],
    ['with small hex digits in a URL', encodeURIComponent(SECRET).replace(/%../g, (octet) => octet.toLowerCase())],
    ['in a query', new URLSearchParams({ q: SECRET }).toString()],
    ['in the path of a URL', encodeURI(SECRET)],
    ['in hex', Buffer.from(SECRET).toString('hex')],
    ['in capital hex', Buffer.from(SECRET).toString('hex').toUpperCase()],
    ['in base64', base64(SECRET)],
    ['in base64url', Buffer.from(SECRET).toString('base64url')],
    ['in base64 behind one byte', base64(`:${SECRET}`)],
    ['in base64 behind a user name', base64(`me:${SECRET}:more`)],
    ['in base64url behind two bytes', Buffer.from(`ab${SECRET}!`).toString('base64url')],
  ])('%s is redacted', (_, text) => {
    const redacted = redactor.text(`before ${text} after`);
    expect(redacted).toMatch(/^before .*\*\*\*.* after$/);
    // What may stay beside it of base64 are single characters that hold bits of the neighbours.
    expect(redacted.length).toBeLessThan(text.length > 40 ? 40 : 'before '.length + text.length);
    expect(redacted).not.toContain('p4ss');
  });

  test('is replaced wherever it is, and overlapping ones together', () => {
    expect(new Redactor(['abcdef', 'defghi']).text('xabcdefghi abcdef defghi')).toBe('x*** *** ***');
    expect(new Redactor(['aaaa']).text('aaaaaaa')).toBe('***');
  });

  test('is found without the white space around it, and line by line', () => {
    const pem = '-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\nshort\n9w0BAQEFAASCBKcw==\n-----END KEY-----\n';
    const found = new Redactor([pem]);
    expect(found.text(`${pem.trim()}.`)).toBe('***.');
    expect(found.text("  'MIIEvQIBADANBgkqhkiG\\n' +")).toBe("  '***\\n' +");
    expect(found.text('short')).toBe('short');
    expect(new Redactor(['token\n']).text('Bearer token')).toBe('Bearer ***');
  });

  test.each(['', 'abc', ' abc\n'])('%j is too short to be redacted', (value) => {
    expect(secretForms(value)).toEqual([]);
    expect(new Redactor([value]).isEmpty).toBe(true);
  });

  test('of four characters is redacted, and its encodings where they are certain', () => {
    const pin = new Redactor(['7391']);
    expect(pin.text('pin 7391')).toBe('pin ***');
    expect(pin.text(`x${base64('7391')}`)).toBe('x***');
    expect(pin.json({ exact: 7391, other: 17391, list: ['a7391'] })).toEqual({
      exact: '***',
      other: 17391,
      list: ['a***'],
    });
  });

  test('is redacted in names of members', () => {
    expect(redactor.json({ [SECRET]: 1, deep: [{ a: SECRET }] })).toEqual({ '***': 1, deep: [{ a: '***' }] });
  });

  test('that the end of a long text cuts off is redacted; a short text was not cut', () => {
    const cut = `${'x'.repeat(4096)} ${SECRET.slice(0, 9)}`;
    expect(redactor.text(cut)).toBe(`${'x'.repeat(4096)} ***`);
    expect(redactor.text(`ends with ${SECRET.slice(0, 9)}`)).toBe(`ends with ${SECRET.slice(0, 9)}`);
  });

  test('nothing gets longer, and no value stays, in any text around any value', () => {
    const value = fc
      .string({ unit: 'grapheme', minLength: 4, maxLength: 40 })
      .filter((text) => text.trim().length >= 4);
    fc.assert(
      fc.property(value, fc.string(), fc.string(), (secret, before, after) => {
        const found = new Redactor([secret]);
        for (const form of secretForms(secret)) {
          const text = before + form + after;
          const redacted = found.text(text);
          expect(redacted.length).toBeLessThanOrEqual(text.length);
          if (!'***'.includes(form) && !form.includes('*')) expect(redacted).not.toContain(form);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('without values all stays as it is', () => {
    const value = { a: [1, 'x'] };
    expect(Redactor.NONE.json(value)).toBe(value);
    expect(Redactor.NONE.text('x')).toBe('x');
  });
});

describe('a secret value over lines of a log', () => {
  const line = (message: string) => ({ microseconds: 1, level: 'info' as const, message });
  /** Adds lines one by one, and says which have left after each, and at the end. */
  function logged(...messages: readonly string[]): string[][] {
    const log = new LogRedactor(new Redactor(['secret-value-1']));
    const left = messages.map((message) => log.add([line(message)]));
    return [...left, log.flush()].map((lines) => lines.map(({ message }) => message));
  }

  test.each<[string, readonly string[], readonly string[][]]>([
    ['in one line leaves at once', ['a secret-value-1 b'], [['a *** b'], []]],
    ['in two lines is redacted in both', ['a secret-', 'value-1 b'], [[], ['a ***', '*** b'], []]],
    ['in three', ['secr', 'et-va', 'lue-1'], [[], [], ['***', '***', '***'], []]],
    ['with its first characters in a line that has left', ['x sec', 'ret-value-1'], [['x sec'], ['***'], []]],
    ['with an empty line between', ['secret', '', '-value-1'], [[], [], ['***', '', '***'], []]],
    ['that is none after all', ['a secret', 'of mine'], [[], ['a secret', 'of mine'], []]],
    ['that nothing follows', ['a secret'], [[], ['a secret']]],
    ['that has left is not waited for', ['secret-value-1', 'next'], [['***'], ['next'], []]],
  ])('%s', (_, messages, left) => {
    expect(logged(...messages)).toEqual(left);
  });

  test('waits for a bounded number of lines, and what may be its beginning is then redacted', () => {
    const lines = logged('a secret-val', ...Array.from({ length: 70 }, () => '')).flat();
    expect(lines).toHaveLength(71);
    expect(lines[0]).toBe('a ***');
  });

  test('that a line is cut within is redacted', () => {
    const long = 'x'.repeat(8181);
    expect(logged(`${long} secret-val`).flat()).toEqual([`${long} ***`]);
  });

  test('split anywhere into lines never stays whole, and no line is lost', () => {
    const secret = 'secret-value-1';
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: secret.length - 1 }), { maxLength: 4 });
    fc.assert(
      fc.property(cuts, (at) => {
        const places = [0, ...at.toSorted((a, b) => a - b), secret.length];
        const parts = places.slice(1).map((end, index) => secret.slice(places[index], end));
        const lines = logged(...parts).flat();
        expect(lines).toHaveLength(parts.length);
        // The first characters may have left: with fewer than four, every other line is held for them.
        expect(lines.join('').replaceAll('*', '').length).toBeLessThan(4);
      }),
    );
  });
});
