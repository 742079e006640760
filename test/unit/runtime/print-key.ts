/** Prints the key that this process gives a script. Its argument names what it pretends to have another version of. */
import { createRequire } from 'node:module';

const COMPILER = new URL('../../../src/runtime/compiler.ts', import.meta.url);
const require = createRequire(COMPILER);
const versions = { ...process.versions, v8: '1.2.3' };
if (process.argv[2] === 'V8') Object.defineProperty(process, 'versions', { value: versions });
if (process.argv[2] === 'oxc') {
  const path = require.resolve('oxc-transform/package.json');
  require(path);
  const loaded = require.cache[path];
  if (loaded !== undefined) loaded.exports = { version: '1.2.3' };
}
const { Compiler } = (await import(COMPILER.href)) as typeof import('../../../src/runtime/compiler.ts');
const compiler = new Compiler({ enabled: true, size: 1 }, { compile: () => Promise.reject(new Error('unused')) });
process.stdout.write(compiler.program({ source: '1 + 1' }).key);
