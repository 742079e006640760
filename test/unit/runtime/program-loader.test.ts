import { describe, expect, test } from '@jest/globals';
import { Limiter } from '../../../src/runtime/limiter.ts';
import { ProgramLoader } from '../../../src/runtime/program-loader.ts';
import type { Program } from '../../../src/runtime/types.ts';
import { type VM, VMLostError } from '../../../src/runtime/vm.ts';

const MIB = 1 << 20;

const program = (given: Partial<Program> = {}): Program => ({
  name: 'script.js',
  language: 'JavaScript',
  source: '1',
  files: {},
  imports: {},
  key: 'a',
  ...given,
});

/** A VM that answers as it is told. Its process is this one. @param baselineBytes what it held before it was given any work */
const vmThat = (request: () => Promise<object>, baselineBytes = 1024 * 1024 * MIB): VM =>
  ({ pid: process.pid, baselineBytes, nextRequestId: () => 1, request, kill: () => {} }) as unknown as VM;

describe('what a VM compiles itself', () => {
  test.each<[string, Partial<Program>, boolean]>([
    ['JavaScript', {}, true],
    ['TypeScript', { language: 'TypeScript' }, false],
    ['JavaScript that may import TypeScript', { files: { 'a.ts': '' } }, false],
    ['JavaScript with other JavaScript and JSON', { files: { 'a.js': '', 'b.json': '{}' } }, true],
    ['two million characters', { source: ' '.repeat(2 * MIB) }, true],
    ['more than that, together', { source: ' '.repeat(MIB), files: { 'a.js': ' '.repeat(MIB + 1) } }, false],
    ['a file of its own name, which is the script', { source: ' '.repeat(2 * MIB), files: { 'script.js': ' ' } }, true],
  ])('%s', (_, given, expected) => {
    expect(new ProgramLoader(new Limiter(), 64 * MIB).canLoad(program(given))).toBe(expected);
  });
});

describe('loading', () => {
  test.each<[string, () => Promise<object>, unknown]>([
    ['gives the bytes that were sent', async () => ({ op: 'loaded', loading: 'loaded' }), 1],
    ['says what the VM says', async () => ({ op: 'loaded', loading: 'needs-more' }), 'needs-more'],
    ['says what the VM refuses', async () => ({ op: 'loaded', loading: 'refused' }), 'refused'],
    ['is lost with the VM', () => Promise.reject(new VMLostError('it was killed')), 'lost'],
    ['is lost where the VM answers something else', async () => ({ op: 'ack' }), 'lost'],
  ])('%s', async (_, request, expected) => {
    const limiter = new Limiter();
    const loader = new ProgramLoader(limiter, 64 * MIB);
    expect(loader.hasLoaded(program())).toBe(false);
    expect(await loader.load(program(), vmThat(request), new AbortController().signal)).toBe(expected);
    expect(loader.hasLoaded(program())).toBe(true);
    limiter.close();
  });

  test.each(['loaded', 'refused', 'needs-more'])(
    'takes a VM for lost that holds too much after it has %s',
    async (loading) => {
      const limiter = new Limiter();
      const vm = vmThat(async () => ({ op: 'loaded', loading }), 0);
      const loader = new ProgramLoader(limiter, 1024 * 1024 * MIB);
      expect(await loader.load(program(), vm, new AbortController().signal)).toBe('lost');
      limiter.close();
    },
  );
});
