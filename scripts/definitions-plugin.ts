import type { Plugin } from 'esbuild';
import { KINDS } from '../src/api/crd.ts';
import { readCrd } from '../src/api/crd-file.ts';

/** Embedded as JSON: parsing the CRDs' YAML took a fifth of a pod's time to listen. */
export const definitions: Plugin = {
  name: 'definitions',
  setup({ onLoad }) {
    onLoad({ filter: /\/crd-file\.ts$/ }, () => {
      const texts = Object.fromEntries(KINDS.map((kind) => [kind, JSON.stringify(readCrd(kind))]));
      return {
        contents: `const texts = ${JSON.stringify(texts)}; export const readCrd = (kind) => JSON.parse(texts[kind]);`,
      };
    });
  },
};
