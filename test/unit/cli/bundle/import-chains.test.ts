import { expect, test } from '@jest/globals';
import { refusedText } from '../../../../src/cli/bundle/import-chains.ts';

test('refused imports are told nearest first and once each, in whatever order they were found', () => {
  const near = { module: 'node:fs', importers: ['src/io.ts', 'src/main.ts'] };
  const far = { module: 'net', importers: ['node_modules/deep/lib.js', 'node_modules/deep/index.js', 'src/main.ts'] };
  const beside = { module: 'node:dns', importers: ['src/io.ts', 'src/main.ts'] };
  const text = [
    'node:dns is a module of Node: imported by src/io.ts, imported by src/main.ts',
    'node:fs is a module of Node: imported by src/io.ts, imported by src/main.ts',
    'net is a module of Node: imported by node_modules/deep/lib.js, imported by node_modules/deep/index.js, imported by src/main.ts',
  ].join('\n');
  expect(refusedText([far, near, beside, near])).toBe(text);
  expect(refusedText([near, beside, far])).toBe(text);
});
