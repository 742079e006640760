/**
 * sbom.ts [--out FILE]: the software bill of materials of the npm package and the image, as CycloneDX JSON. It has what an
 * installation brings and what is bundled into dist/, which `npm run build` has to have made. The same commit gives the
 * same bytes: SOURCE_DATE_EPOCH is its time.
 *
 * `npm sbom --omit=dev` is not enough: it knows nothing of bundled packages, and leaves out dependencies that a development
 * dependency has too (findings/npm-sbom-omit.sh). So this takes the whole list and follows the dependencies itself.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

interface Component {
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly properties: readonly { readonly name: string; readonly value: string }[];
  readonly licenses?: readonly unknown[];
}

interface Bom {
  readonly serialNumber?: string;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** Leaves in a bill of all packages what is shipped: dependencies that are installed, and bundled packages. Pure. */
export function shipped(
  all: Bom,
  roots: readonly string[],
  bundled: readonly { readonly name: string; readonly version: string }[],
  time: Date,
): Bom {
  const edges = new Map(all.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
  const byRef = new Map(all.components.map((each) => [each['bom-ref'], each]));
  const own = all.metadata.component['bom-ref'];
  const installed = new Set<string>();
  const follow = (ref: string): void => {
    if (installed.has(ref) || !byRef.has(ref)) return;
    installed.add(ref);
    for (const next of edges.get(ref) ?? []) follow(next);
  };
  const names = new Set(roots);
  for (const ref of edges.get(own) ?? []) if (names.has(byRef.get(ref)?.name ?? '')) follow(ref);
  const inBundles = bundled.map(({ name, version }) => `${name}@${version}`);
  for (const ref of inBundles) if (!byRef.has(ref)) throw new Error(`the lock file has no ${ref}, which is bundled`);
  const kept = new Set([...installed, ...inBundles]);
  const components = all.components
    .filter((each) => kept.has(each['bom-ref']))
    .map((each) => ({
      ...each,
      // Development dependencies that are bundled are shipped like others.
      scope: 'required',
      properties: inBundles.includes(each['bom-ref']) ? [{ name: 'copepod:bundled', value: 'true' }] : [],
    }));
  const { serialNumber: _, ...rest } = all;
  return {
    ...rest,
    metadata: {
      ...all.metadata,
      timestamp: time.toISOString(),
      component: { ...all.metadata.component, name: 'copepod' },
    } as Bom['metadata'],
    components,
    dependencies: [
      {
        ref: own,
        dependsOn: [...kept].filter((ref) => (edges.get(own) ?? []).includes(ref) || inBundles.includes(ref)),
      },
      ...all.dependencies
        .filter(({ ref }) => kept.has(ref))
        .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => kept.has(each)) })),
    ],
  };
}

/** The bill of this checkout. */
export function ownBom(): Bom {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'];
  const all = JSON.parse(execFileSync('npm', args, { encoding: 'utf8', maxBuffer: 64 << 20 })) as Bom;
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const bundled = JSON.parse(readFileSync('dist/bundled-packages.json', 'utf8'));
  const seconds =
    process.env.SOURCE_DATE_EPOCH ?? execFileSync('git', ['log', '-1', '--format=%ct'], { encoding: 'utf8' });
  return shipped(
    all,
    Object.keys({ ...dependencies, ...optionalDependencies }),
    bundled,
    new Date(Number(seconds) * 1000),
  );
}

if (import.meta.main) {
  const { out } = parseArgs({ options: { out: { type: 'string' } } }).values;
  const bom = ownBom();
  const text = `${JSON.stringify(bom, null, 2)}\n`;
  if (out === undefined) process.stdout.write(text);
  else {
    writeFileSync(out, text);
    console.error(`${out}: ${bom.components.length} packages`);
  }
}
