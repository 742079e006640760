import { minifySync } from '@swc/core';
import { transformSync } from 'esbuild';
import { minify_sync } from 'terser';

/** Ways in which a source may be written; undefined where one does not take it. */
export const MINIFIERS: Readonly<Record<string, (source: string) => string | undefined>> = {
  'as written': (source) => source,
  'one line': (source) => (source.includes('//') ? undefined : source.replaceAll('\n', ' ')),
  'Windows line ends': (source) => source.replaceAll('\n', '\r\n'),
  esbuild: (source) => attempt(() => transformSync(source, { minifyWhitespace: true, minifySyntax: true }).code),
  terser: (source) => attempt(() => minify_sync(source, { compress: false, mangle: false }).code),
  'terser, compressed': (source) =>
    attempt(() => minify_sync(source, { compress: { expression: true, toplevel: false }, mangle: true }).code),
  swc: (source) => attempt(() => minifySync(source, { compress: false, mangle: true, module: false }).code),
};

function attempt(minify: () => string | undefined): string | undefined {
  try {
    return minify();
  } catch {
    return undefined;
  }
}
