import type { Metafile } from 'esbuild';

/** What a package takes in a bundle. */
export interface PackageSize {
  /** Its name, or `your files`. */
  readonly name: string;
  readonly bytes: number;
}

const PACKAGE = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/;

/** The bytes of each package in a bundle, the largest first. Pure. */
export function sizesOf({ outputs }: Metafile): PackageSize[] {
  const sizes = new Map<string, number>();
  for (const { inputs } of Object.values(outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = PACKAGE.exec(path)?.[1] ?? 'your files';
      sizes.set(name, (sizes.get(name) ?? 0) + bytesInOutput);
    }
  }
  return [...sizes].map(([name, bytes]) => ({ name, bytes })).sort((a, b) => b.bytes - a.bytes);
}
