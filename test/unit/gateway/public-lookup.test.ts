import { describe, expect, test } from '@jest/globals';
import { type Names, publicLookup } from '../../../src/gateway/access/public-lookup.ts';

const fails = async (): Promise<never> => Promise.reject(new Error('no such name'));

/** What the lookup of a connection is given. */
async function lookUp({ resolve4 = fails, resolve6 = fails }: Partial<Record<keyof Names, unknown>>, all = true) {
  const lookup = publicLookup(() => ({ resolve4, resolve6 }) as Names);
  return new Promise((resolve) => {
    lookup('keys.example', { all }, (error, address, family) => resolve(error?.message ?? [address, family]));
  });
}

describe('public addresses of a host', () => {
  test('are those of both families', async () => {
    const names = { resolve4: async () => ['1.1.1.1', '10.0.0.1'], resolve6: async () => ['::1', '2606:4700::1111'] };
    const one = { address: '1.1.1.1', family: 4 };
    expect(await lookUp(names)).toEqual([[one, { address: '2606:4700::1111', family: 6 }], undefined]);
    expect(await lookUp(names, false)).toEqual(['1.1.1.1', 4]);
  });

  test('are those of one family where the host has no other', async () => {
    const found = [[{ address: '1.1.1.1', family: 4 }], undefined];
    expect(await lookUp({ resolve4: async () => ['1.1.1.1'] })).toEqual(found);
  });

  test.each([
    ['other addresses alone', { resolve4: async () => ['127.0.0.1'], resolve6: async () => [] }, /no public address/],
    ['no address', {}, /no such name/],
  ])('are missing where it has %s', async (_, names, message) => {
    expect(await lookUp(names)).toMatch(message);
  });
});
