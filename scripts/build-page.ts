import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';

const PAGE = 'src/dashboard/page';

/**
 * Builds the page of the dashboard, which the dashboard serves as files. Returns what it is made from.
 *
 * @param outdir where its four files go
 */
export async function buildPage(outdir: string): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: { page: `${PAGE}/main.tsx`, style: `${PAGE}/page.css` },
    outdir,
    bundle: true,
    metafile: true,
    minify: true,
    logLevel: 'warning',
    legalComments: 'none',
    platform: 'browser',
    format: 'esm',
    // Browsers of the last two years.
    target: ['chrome130', 'firefox130', 'safari18'],
    tsconfig: `${PAGE}/tsconfig.json`,
  });
  for (const name of ['index.html', 'icon.svg']) copyFileSync(join(PAGE, name), join(outdir, name));
  return metafile;
}
