import { describe, expect, test } from '@jest/globals';
import type { EventMessage, RuntimeRow } from '../../../src/dashboard/messages.ts';
import { Store } from '../../../src/dashboard/page/store.ts';

const row = (name: string, version = '1'): RuntimeRow =>
  ({ kind: 'runtimes', uid: name, namespace: 'a', name, version }) as RuntimeRow;
const list = (rows: RuntimeRow[], isFirst: boolean, isLast: boolean): EventMessage => ({
  type: 'list',
  kind: 'runtimes',
  rows,
  isFirst,
  isLast,
});

function stored(...messages: readonly EventMessage[]): Store {
  const store = new Store();
  for (const message of messages) store.apply(message);
  return store;
}

const names = (store: Store): string[] => [...store.of('runtimes').rows.keys()];

describe('the rows of a stream', () => {
  test('of the first list are there as they come', () => {
    const store = stored(list([row('one')], true, false));
    expect([names(store), store.of('runtimes').isComplete]).toEqual([['one'], false]);
    store.apply(list([row('two')], false, true));
    expect([names(store), store.of('runtimes').isComplete]).toEqual([['one', 'two'], true]);
  });

  test('of a later list replace the others when it is complete', () => {
    const store = stored(list([row('one'), row('gone')], true, true), list([row('one', '2')], true, false));
    expect(names(store)).toEqual(['one', 'gone']);
    store.apply(list([row('three')], false, true));
    expect(names(store)).toEqual(['one', 'three']);
    expect(store.get('runtimes', 'a', 'one')?.version).toBe('2');
  });

  test('change and go one by one', () => {
    const store = stored(list([row('one')], true, true), { type: 'set', row: row('two') });
    store.apply({ type: 'set', row: row('one', '2') });
    expect(store.get('runtimes', 'a', 'one')?.version).toBe('2');
    store.apply({ type: 'delete', kind: 'runtimes', uid: 'one' });
    expect(names(store)).toEqual(['two']);
    expect(store.get('runtimes', 'a', 'one')).toBeUndefined();
  });

  test('stay while they cannot be read', () => {
    const error = { from: 'cluster', code: 403, reason: 'Forbidden', message: 'no' } as const;
    const store = stored(list([row('one')], true, true), { type: 'failed', kind: 'runtimes', error });
    expect([names(store), store.of('runtimes').failure]).toEqual([['one'], error]);
    store.apply(list([row('one')], true, true));
    expect(store.of('runtimes').failure).toBeUndefined();
  });

  test('raise the revision with each change, and a ping does not', () => {
    const store = new Store();
    const before = store.revision;
    store.apply({ type: 'ping' });
    expect(store.revision).toBe(before);
    store.apply({ type: 'set', row: row('one') });
    expect(store.revision).toBe(before + 1);
  });
});
