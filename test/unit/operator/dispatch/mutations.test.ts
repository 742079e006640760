/** The dispatcher's source with one mistake at a time: the behaviours of behaviours.ts must notice each. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { BEHAVIOURS, check } from './behaviours.ts';
import type { DispatchModules } from './dispatch-bench.ts';

const SOURCE = resolve('src/operator/dispatch');

interface Mutation {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'a flow that was served stays first': {
    file: 'round-robin.ts',
    from: '        flows.delete(name);\n        if',
    to: '        if',
  },
  'a new flow goes last': {
    file: 'round-robin.ts',
    from: '[this.#fresh, this.#served]',
    to: '[this.#served, this.#fresh]',
  },
  'a lower priority goes first': {
    file: 'priority-queue.ts',
    from: 'a.priority > b.priority',
    to: 'a.priority < b.priority',
  },
  'the younger goes first': {
    file: 'priority-queue.ts',
    from: 'a.createdMs < b.createdMs',
    to: 'a.createdMs > b.createdMs',
  },
  'outcomes wait for other writes': {
    file: 'flow.ts',
    from: 'if (outcome !== undefined)',
    to: 'if (outcome !== undefined && this.#queues.write.first === undefined)',
  },
  'claims never let another write go': {
    file: 'flow.ts',
    from: 'this.#claimsGoFirst = !isClaim;',
    to: 'this.#claimsGoFirst = true;',
  },
  'a claim does not ask for a slot': { file: 'flow.ts', from: '!hasSlot(first.slot)', to: 'false' },
  'a claim that no pod can take blocks all others': {
    file: 'flow.ts',
    from: '[this.#claims.all, this.#claims.some]',
    to: '[this.#claims.none.first || this.#claims.some.first ? { first: undefined } : this.#claims.all, this.#claims.some]',
  },
  'a namespace may have the reserved seat too': {
    file: 'seats.ts',
    from: 'quick < limit && taken < most',
    to: 'quick < limit + reserved && taken < most',
  },
  'the limit is one too high': {
    file: 'seats.ts',
    from: 'this.#total.quick < limit + reserved',
    to: 'this.#total.quick <= limit + reserved',
  },
  'a write that hangs counts for ever': { file: 'seats.ts', from: 'const SLOW_MS = 1000;', to: 'const SLOW_MS = 1e9;' },
  'a seat is not given back': { file: 'seats.ts', from: 'count(-1, isQuick ? -1 : 0);', to: '' },
  'notes go before everything else': {
    file: 'dispatcher.ts',
    from: 'return this.#take((flow) => flow.next((request) => this.#options.slots.hasFree(request))) ?? this.#nextNote();',
    to: 'return this.#nextNote() ?? this.#take((flow) => flow.next((request) => this.#options.slots.hasFree(request)));',
  },
  'notes are not spaced': { file: 'dispatcher.ts', from: 'const NOTE_EVERY_MS = 50;', to: 'const NOTE_EVERY_MS = 0;' },
  'what succeeds does not begin anew with its back-off': {
    file: 'dispatcher.ts',
    from: "      this.#backoff.forget(key);\n      this.#metrics.written(kind, 'success'",
    to: "      this.#metrics.written(kind, 'success'",
  },
  'an execution is dispatched while its write is under way': {
    file: 'dispatcher.ts',
    from: '    if (this.isWriting(work.key)) return;\n',
    to: '',
  },
  'deleted work is dispatched': {
    file: 'dispatcher.ts',
    from: '    this.#flowOf(work).delete(work);\n',
    to: '',
  },
  'slots go to the fullest pod': { file: 'slots.ts', from: 'if (free <= most ||', to: 'if ((best && free >= most) ||' },
  'a pod with lower limits will do': {
    file: 'slots.ts',
    from: 'promised[name] <= limits[name]',
    to: 'promised[name] >= 0 && limits[name] >= 0',
  },
  'a slot is free as often as it is disposed of': { file: 'slots.ts', from: '      isTaken = false;\n', to: '' },
  'a runtime that was full is never asked again': {
    file: 'slots.ts',
    from: '(): unknown => this.#full.delete(request.runtime)',
    to: '(): unknown => undefined',
  },
};

const folders: string[] = [];

/** The classes, made of the mutated source. */
async function mutated({ file, from, to }: Mutation): Promise<DispatchModules> {
  const folder = await mkdtemp(join(tmpdir(), 'copepod-mutation-'));
  folders.push(folder);
  for (const name of await readdir(SOURCE)) {
    const text = await readFile(join(SOURCE, name), 'utf8');
    if (name === file && text.split(from).length !== 2)
      throw new Error(`${file} has no single ${JSON.stringify(from)}`);
    const changed = name === file ? text.replace(from, () => to) : text;
    // Imports of other folders are those of src.
    await writeFile(
      join(folder, name),
      changed.replaceAll(/from '(\.\.\/[^']+)'/g, (_, path) => `from '${join(SOURCE, path)}'`),
    );
  }
  const load = async (name: string): Promise<object> => await import(pathToFileURL(join(folder, name)).href);
  return { ...(await load('dispatcher.ts')), ...(await load('slots.ts')) } as DispatchModules;
}

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick', 'setImmediate'] });
});
afterEach(() => {
  jest.useRealTimers();
});
afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

describe('that the dispatcher is wrong is noticed where', () => {
  test.each(Object.entries(MUTATIONS))('%s', async (_, mutation) => {
    const modules = await mutated(mutation);
    const caught: string[] = [];
    for (const name of Object.keys(BEHAVIOURS)) await check(name, modules).catch(() => caught.push(name));
    expect(caught).not.toEqual([]);
  });
});
