/** The labels of the Encoding Standard and what each encoding decodes, in the sandbox and in Node. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { engineForTests } from '../integration/support/engine.ts';
import { sideBySide, type Tally } from './side-by-side.ts';

const engine = engineForTests({ limits: { memoryBytes: 128 << 20, cpuTimeMs: 20_000, timeoutMs: 30_000 } });

type Groups = { readonly encodings: readonly { readonly name: string; readonly labels: readonly string[] }[] }[];
const groups = JSON.parse(readFileSync(new URL('fixtures/encoding/encodings.json', import.meta.url), 'utf8')) as Groups;

function labels(all: Groups): Tally {
  const failed: string[] = [];
  let tried = 0;
  for (const { name, labels: own } of all.flatMap(({ encodings }) => encodings)) {
    for (const label of own) {
      tried++;
      let got: string;
      try {
        got = new TextDecoder(` ${label.toUpperCase()}\n`).encoding;
      } catch (error) {
        got = error instanceof RangeError ? 'replacement' : 'another error';
      }
      if (got !== name.toLowerCase()) failed.push(label);
    }
  }
  return { tried, failed };
}

/** Each byte, and each pair of bytes, to a hash of the text: what differs in one character differs. */
function texts(all: Groups): { tried: number; failed: string[] } {
  const failed: string[] = [];
  let tried = 0;
  for (const { name } of all.flatMap(({ encodings }) => encodings)) {
    if (name === 'replacement') continue;
    let hash = 0;
    let decoder: TextDecoder;
    try {
      decoder = new TextDecoder(name);
    } catch {
      continue; // Node has it not: the labels say so
    }
    for (let first = 0; first < 256; first++) {
      const bytes = new Uint8Array(512 * 4);
      for (let second = 0; second < 256; second++) bytes.set([first, second, 10, 10], second * 4);
      for (const unit of decoder.decode(bytes)) hash = (Math.imul(hash, 31) + (unit.codePointAt(0) as number)) | 0;
      tried += 256;
    }
    failed.push(`${name}: ${hash}`);
  }
  return { tried, failed };
}

function utf8(all: [number[], boolean][]): Tally {
  const failed: string[] = [];
  for (const [bytes, isValid] of all) {
    const input = new Uint8Array(bytes);
    let passes: boolean;
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(input);
      passes = isValid && String(new TextEncoder().encode(text)) === String(input);
    } catch (error) {
      passes = !isValid && error instanceof TypeError;
    }
    // In parts of one byte, the text is the same.
    const whole = new TextDecoder().decode(input);
    const decoder = new TextDecoder();
    let parts = '';
    for (const byte of bytes) parts += decoder.decode(new Uint8Array([byte]), { stream: true });
    parts += decoder.decode();
    if (!passes || parts !== whole) failed.push(bytes.join(' '));
  }
  return { tried: all.length, failed };
}

const sequences: [number[], boolean][] = [
  [[], true],
  [[0x61], true],
  [[0xc3, 0xa9], true],
  [[0xe2, 0x82, 0xac], true],
  [[0xf0, 0x9f, 0x98, 0x80], true],
  [[0xef, 0xbb, 0xbf, 0x61], true],
  [[0xff], false],
  [[0xc0], false],
  [[0xc0, 0x00], false],
  [[0xc0, 0xc0], false],
  [[0xe0], false],
  [[0xe0, 0x80, 0x00], false],
  [[0xe0, 0x80, 0x80], false],
  [[0xed, 0xa0, 0x80], false],
  [[0xf0, 0x80, 0x80, 0x80], false],
  [[0xf4, 0x90, 0x80, 0x80], false],
  [[0xf8, 0x80, 0x80, 0x80, 0x80], false],
  [[0x61, 0xe2, 0x82], false],
  [[0x80], false],
];

test('each label names its encoding, as in Node', async () => {
  const { sandbox, node } = await sideBySide(engine, labels as never, groups);
  expect(sandbox).toEqual(node);
  expect(sandbox.tried).toBe(groups.flatMap(({ encodings }) => encodings.flatMap((each) => each.labels)).length);
});

test('each pair of bytes is the same text in each encoding as in Node', async () => {
  const { sandbox, node } = await sideBySide(engine, texts as never, groups);
  expect(sandbox).toEqual(node);
  expect(sandbox.failed.length).toBeGreaterThan(30);
});

test('valid and invalid UTF-8, whole and in parts', async () => {
  const { sandbox } = await sideBySide(engine, utf8 as never, sequences);
  expect(sandbox).toEqual({ tried: sequences.length, failed: [] });
});
