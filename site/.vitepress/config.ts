import { cpSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { PAGES, SECTIONS } from './pages.ts';

/** The repository: scripts/site.sh builds in a folder of the cache. */
const ROOT = process.env.COPEPOD_ROOT ?? fileURLToPath(new URL('../..', import.meta.url));
/** Where files that are no pages are found, such as `https://github.com/OWNER/NAME/blob/main`; else such links are plain text. */
const repository = process.env.DOCS_REPOSITORY;

const titleOf = (page: string): string =>
  (/^# (.*)$/m.exec(readFileSync(join(ROOT, page), 'utf8'))?.[1] ?? page).replaceAll('`', '');
const pathOf = (page: string): string => `/${page.replace(/(^|\/)README\.md$/, '$1').replace(/\.md$/, '')}`;

/** Whether a link leads to a page of the site or, changed where needed, to the repository. */
function followed(
  link: { attrGet(name: string): string | null; attrSet(name: string, value: string): void },
  page: string,
): boolean {
  const target = link.attrGet('href') ?? '';
  if (/^(https?:|mailto:|#)/.test(target)) return true;
  const path = normalize(join(dirname(page), target.split('#')[0] ?? ''));
  if (PAGES.includes(path)) return true;
  if (repository === undefined) return false;
  link.attrSet('href', `${repository}/${path}`);
  return true;
}

// Copies, because a page finds Vue from the folder that it is in.
const copies = fileURLToPath(new URL('../.pages/', import.meta.url));
rmSync(copies, { recursive: true, force: true });
for (const page of [...PAGES, 'docs/images']) cpSync(join(ROOT, page), join(copies, page), { recursive: true });

export default defineConfig({
  title: 'Copepod',
  description: 'Runs untrusted JavaScript and TypeScript in contained V8 isolates, on Kubernetes or on a laptop',
  srcDir: '.pages',
  outDir: join(ROOT, 'dist-site'),
  cacheDir: './.vitepress/cache',
  rewrites: (id) => id.replace(/(^|\/)README\.md$/, '$1index.md'),
  cleanUrls: true,
  // tsconfig.json of the repository names a version of ECMAScript that this builder does not know.
  vite: { esbuild: { tsconfigRaw: {} } },
  markdown: {
    config(markdown) {
      markdown.core.ruler.push('links to files that are no pages', ({ tokens, env }) => {
        const page = (env as { relativePath: string }).relativePath;
        for (const { children } of tokens) {
          let isPlain = false;
          for (const token of children ?? []) {
            if (token.type === 'link_open') isPlain = !followed(token, page);
            if (isPlain && /^link_/.test(token.type)) Object.assign(token, { tag: 'span', attrs: null });
          }
        }
      });
    },
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: SECTIONS.map(([text, pages]) => ({
      text,
      collapsed: text === 'Inside',
      items: pages.map((page) => ({ text: titleOf(page), link: pathOf(page) })),
    })),
    footer: { message: 'Apache-2.0' },
  },
});
