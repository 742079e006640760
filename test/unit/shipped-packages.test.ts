import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ownBom, shipped } from '../../scripts/release/sbom.ts';
import { ROOT } from '../integration/support/cli.ts';

/** Licences that allow use in a product under Apache-2.0 and ask for no more than that their text comes with it. */
const LICENCES = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'Unlicense'];

const component = (ref: string) => ({
  'bom-ref': ref,
  name: ref.split('@')[0] ?? '',
  version: '1',
  purl: '',
  properties: [],
});
const refs = (bom: ReturnType<typeof shipped>): string[] => bom.components.map((each) => each['bom-ref']);

describe('the bill of materials', () => {
  const all = {
    metadata: { component: component('copepod@1') },
    components: ['runs@1', 'of-runs@1', 'bundled@1', 'only-tests@1'].map(component),
    dependencies: [
      { ref: 'copepod@1', dependsOn: ['runs@1', 'bundled@1', 'only-tests@1'] },
      { ref: 'runs@1', dependsOn: ['of-runs@1'] },
      { ref: 'bundled@1', dependsOn: ['only-tests@1'] },
    ],
  };

  test('has what is installed, with its dependencies, and what is bundled', () => {
    const bom = shipped(all, ['runs'], [{ name: 'bundled', version: '1' }], new Date(0));
    expect(refs(bom)).toEqual(['runs@1', 'of-runs@1', 'bundled@1']);
    expect(bom.dependencies).toEqual([
      { ref: 'copepod@1', dependsOn: ['runs@1', 'bundled@1'] },
      { ref: 'runs@1', dependsOn: ['of-runs@1'] },
      { ref: 'bundled@1', dependsOn: [] },
    ]);
  });

  test('refuses a bundled package that the lock file does not have', () => {
    expect(() => shipped(all, [], [{ name: 'other', version: '2' }], new Date(0))).toThrow('other@2');
  });
});

describe('what this checkout ships', () => {
  let bom: ReturnType<typeof ownBom>;
  beforeAll(() => {
    bom = ownBom();
  });

  test('names each dependency of the package, and packages of its bundles', () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const names = bom.components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining([...Object.keys(dependencies), 'express', '@kubernetes/client-node']));
    expect(names).not.toContain('jest');
  });

  test('is under licences that allow it', () => {
    const licences = bom.components.map((each) => ({
      of: each['bom-ref'],
      licence: (each.licenses as { license?: { id?: string } }[] | undefined)?.[0]?.license?.id,
    }));
    expect(licences.filter(({ licence }) => !LICENCES.includes(licence ?? ''))).toEqual([]);
  });

  test('brings the licences of bundled packages', () => {
    const notices = readFileSync(join(ROOT, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8');
    for (const { properties, version, ...each } of bom.components.filter(({ properties: of }) => of.length > 0))
      expect(notices).toContain(`${each['bom-ref'].slice(0, -version.length - 1)} ${version} (`);
  });
});
