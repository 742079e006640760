/** Mutation test: the checks of behaviours.ts must detect each mutation of the dispatcher's source. */
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
  'a served flow stays first': {
    file: 'round-robin.ts',
    from: 'if (taken !== undefined || flow.size === 0)',
    to: 'if (flow.size === 0)',
  },
  'a new flow is queued last': {
    file: 'round-robin.ts',
    from: '[this.#fresh, this.#served]',
    to: '[this.#served, this.#fresh]',
  },
  'a lower priority is first': {
    file: 'priority-queue.ts',
    from: 'b.priority - a.priority',
    to: 'a.priority - b.priority',
  },
  'the younger is first': {
    file: 'priority-queue.ts',
    from: 'a.createdMs - b.createdMs',
    to: 'b.createdMs - a.createdMs',
  },
  'outcomes wait for other writes': {
    file: 'flow.ts',
    from: 'if (outcome.first !== undefined)',
    to: 'if (outcome.first !== undefined && write.first === undefined)',
  },
  'claims starve other writes': {
    file: 'flow.ts',
    from: 'this.#claimsGoFirst = !isClaim;',
    to: 'this.#claimsGoFirst = true;',
  },
  'a claim needs no slot': { file: 'flow.ts', from: ' && hasSlot(slot)', to: '' },
  'a claim without a fitting pod blocks all others': {
    file: 'flow.ts',
    from: '[all.first, some.first]',
    to: '[this.#queues.none.first || some.first ? undefined : all.first, some.first]',
  },
  'a namespace may also take the reserved seat': {
    file: 'seats.ts',
    from: 'quick < limit && quick + slow < most',
    to: 'quick < limit + reserved && quick + slow < most',
  },
  'the limit is one too high': {
    file: 'seats.ts',
    from: 'this.#quick.total < limit + reserved',
    to: 'this.#quick.total <= limit + reserved',
  },
  'a write that hangs counts forever': { file: 'seats.ts', from: 'const SLOW_MS = 1000;', to: 'const SLOW_MS = 1e9;' },
  'a namespace may hold all seats with writes that hang': {
    file: 'seats.ts',
    from: 'const MOST_SLOW = 4;',
    to: 'const MOST_SLOW = 1e9;',
  },
  'a seat is not released': {
    file: 'seats.ts',
    from: '        clearTimeout(timer);\n        counts.add(namespace, -1);',
    to: '        clearTimeout(timer);',
  },
  'notes precede other work': {
    file: 'dispatcher.ts',
    from: 'return next ?? (this.#mayNote ? this.#take((flow) => flow.nextNote()) : undefined);',
    to: 'return (this.#mayNote ? this.#take((flow) => flow.nextNote()) : undefined) ?? next;',
  },
  'notes have no rate limit': {
    file: 'dispatcher.ts',
    from: 'const NOTE_EVERY_MS = 50;',
    to: 'const NOTE_EVERY_MS = 0;',
  },
  'a success does not reset the back-off': {
    file: 'dispatcher.ts',
    from: '      this.#backoff.forget(key);\n',
    to: '',
  },
  'an execution is dispatched during its write': {
    file: 'dispatcher.ts',
    from: 'this.isWriting(work.key) || ',
    to: '',
  },
  'deleted work is dispatched': {
    file: 'dispatcher.ts',
    from: '    this.#flowOf(work).delete(work);\n',
    to: '',
  },
  'slots are taken from the fullest pod': {
    file: 'slots.ts',
    from: 'if (free <= most ||',
    to: 'if ((best && free >= most) ||',
  },
  'a pod with lower limits fits': {
    file: 'slots.ts',
    from: ' || !isSuitable(pod, request)',
    to: '',
  },
  'a slot is freed at every disposal': {
    file: 'slots.ts',
    from: 'new DisposableStack()',
    to: '{ dispose: () => {}, defer(release) { this.dispose = release; } }',
  },
  'a full runtime is never checked again': {
    file: 'slots.ts',
    from: '      this.podsChanged(); //',
    to: '      //',
  },
};

const folders: string[] = [];

/** Loads the classes from the mutated source. */
async function mutated({ file, from, to }: Mutation): Promise<DispatchModules> {
  const folder = await mkdtemp(join(tmpdir(), 'copepod-mutation-'));
  folders.push(folder);
  for (const name of await readdir(SOURCE)) {
    const text = await readFile(join(SOURCE, name), 'utf8');
    if (name === file && text.split(from).length !== 2)
      throw new Error(`${file} has no single ${JSON.stringify(from)}`);
    const changed = name === file ? text.replace(from, () => to) : text;
    // Imports from other folders refer to src.
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

describe('a mutation is detected:', () => {
  test.each(Object.entries(MUTATIONS))('%s', async (_, mutation) => {
    const modules = await mutated(mutation);
    const caught: string[] = [];
    for (const name of Object.keys(BEHAVIOURS)) await check(name, modules).catch(() => caught.push(name));
    expect(caught).not.toEqual([]);
  });
});
