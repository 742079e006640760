import { describe, expect, test } from '@jest/globals';
import { compareResourceVersions, type KubeObject, keyOf, parseKey } from '../../../src/kube/object.ts';
import { Store } from '../../../src/kube/store.ts';

interface Thing extends KubeObject {
  tags: string[];
}

const thing = (name: string, ...tags: string[]): Thing => ({ metadata: { name, namespace: 'n' }, tags });

describe('a store', () => {
  const names = (objects: Iterable<Thing>): string[] => [...objects].map(({ metadata }) => metadata.name).toSorted();

  test('finds an object by its namespace and name', () => {
    const store = new Store<Thing>();
    const a = thing('a');
    expect(store.set(a)).toBeUndefined();
    expect(store.get('n/a')).toBe(a);
    expect(store.get({ namespace: 'n', name: 'a' })).toBe(a);
    expect(store.get('other/a')).toBeUndefined();
    expect(store.set(thing('a', 'new'))).toBe(a);
    expect(store.size).toBe(1);
  });

  test('updates its indices when objects are added, changed and deleted', () => {
    const store = new Store<Thing>({ tag: ({ tags }) => tags });
    store.set(thing('a', 'red', 'big'));
    store.set(thing('b', 'red'));
    expect(names(store.by('tag', 'red'))).toEqual(['a', 'b']);
    store.set(thing('a', 'blue', 'big'));
    expect(names(store.by('tag', 'red'))).toEqual(['b']);
    expect(names(store.by('tag', 'big'))).toEqual(['a']);
    expect(store.count('tag', 'blue')).toBe(1);
    store.delete('n/b');
    expect([...store.indexed('tag')].toSorted()).toEqual(['big', 'blue']);
    expect(names(store.by('tag', 'red'))).toEqual([]);
    expect(() => store.count('colour', 'red')).toThrow('no index "colour"');
  });

  test('is unchanged if an indexer throws', () => {
    const store = new Store<Thing>({
      tag: ({ tags }) => {
        if (tags.includes('bad')) throw new Error('bad tag');
        return tags;
      },
    });
    const good = thing('a', 'red');
    store.set(good);
    expect(() => store.set(thing('a', 'bad'))).toThrow('bad tag');
    expect(store.get('n/a')).toBe(good);
    expect(names(store.by('tag', 'red'))).toEqual(['a']);
  });
});

describe('keys', () => {
  test.each([
    [{ name: 'a', namespace: 'n' }, 'n/a'],
    [{ name: 'a' }, 'a'],
  ])('identify an object and can be parsed: %j is %s', (metadata, key) => {
    expect(keyOf({ metadata })).toBe(key);
    expect(parseKey(key)).toEqual(metadata);
  });
});

describe('resource versions', () => {
  test.each([
    ['9', '10', -1],
    ['10', '9', 1],
    ['10', '10', 0],
    ['18446744073709551615', '18446744073709551614', 1],
    ['', '1', -1],
  ])('are compared as integers of any length: %s and %s', (one, other, sign) => {
    expect(Math.sign(compareResourceVersions(one, other))).toBe(sign);
  });
});
