/** The npm packages inside the files that scripts/build.ts bundles, with their licences. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression, such as `MIT`. */
  readonly licence: string;
  /** The folder that it is installed in. */
  readonly folder: string;
}

/** The packages that files of these bundles come from, ordered by name and version. */
export function bundledPackages(metafiles: readonly Metafile[]): BundledPackage[] {
  const inputs = metafiles.flatMap(({ inputs: of, outputs }) => {
    // An input that nothing is left of is in no file.
    const used = new Set(
      Object.values(outputs)
        .flatMap((output) => Object.entries(output.inputs))
        .flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
    );
    return Object.keys(of).filter((file) => used.has(file));
  });
  const folders = new Set(inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  return [...folders]
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
        string,
        string
      >;
      return { name: name ?? '', version: version ?? '', licence: license ?? '', folder };
    })
    .toSorted((one, other) => (`${one.name} ${one.version}` < `${other.name} ${other.version}` ? -1 : 1));
}

/**
 * The text that the licences of bundled packages ask for in each copy: their names and licences, word for word. Throws
 * for a package without a licence.
 */
export function noticesOf(packages: readonly BundledPackage[]): string {
  const rule = '-'.repeat(80);
  const parts = packages.map(({ name, version, licence, folder }) => {
    const files = readdirSync(folder)
      .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
      .toSorted();
    if (licence === '' && files.length === 0) throw new Error(`${name} ${version} has no licence`);
    const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
    return [rule, `${name} ${version} (${licence})`, rule, ...texts, ''].join('\n');
  });
  return ['Copepod contains parts of these packages.', '', ...parts].join('\n');
}
