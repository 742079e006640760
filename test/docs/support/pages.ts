import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import GithubSlugger from 'github-slugger';
import MarkdownIt from 'markdown-it';
import { type Notes, notesOf, type Snippet } from './snippet.ts';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A link of a page, as it is written. */
export interface Link {
  readonly line: number;
  readonly target: string;
}

/** A Markdown file, read as GitHub renders it. */
export interface Page {
  /** Relative to the root of the repository, such as `docs/env.md`. */
  readonly path: string;
  readonly snippets: readonly Snippet[];
  readonly links: readonly Link[];
  /** What `#anchor` may name: the slugs of its headings. */
  readonly anchors: ReadonlySet<string>;
}

const markdown = new MarkdownIt({ html: true });
const IGNORED = ['node_modules', 'dist', 'dist-site', '.git'];

/** All Markdown files of the repository. */
export const ALL_PAGES: readonly string[] = globSync('**/*.md', {
  cwd: ROOT,
  exclude: (name) => IGNORED.includes(name.split('/').at(-1) ?? ''),
}).sort();

/** The pages whose snippets are tested: those for users. */
export const USER_PAGES: readonly string[] = ALL_PAGES.filter((path) =>
  /^(README\.md|docs\/|deploy\/|examples\/)/.test(path),
);

/** Reads and parses a page; `path` is relative to the root of the repository. */
export function readPage(path: string): Page {
  const snippets: Snippet[] = [];
  const links: Link[] = [];
  const anchors = new Set<string>();
  const slugger = new GithubSlugger();
  let notes: Notes = {};
  let isHeading = false;
  for (const { type, content, info, map, children } of markdown.parse(readFileSync(join(ROOT, path), 'utf8'), {})) {
    const line = (map?.[0] ?? 0) + 1;
    if (type === 'fence')
      snippets.push({ page: path, line, language: info.trim().split(' ')[0] ?? '', text: content, notes });
    if (type === 'inline' && isHeading) anchors.add(slugger.slug(textOf(children ?? [])));
    for (const child of children ?? []) {
      const target = child.attrGet(child.type === 'image' ? 'src' : 'href');
      if (target) links.push({ line, target: decodeURI(String(target)) });
    }
    notes = type === 'html_block' ? notesOf(content, `${path}:${line}`) : {};
    isHeading = type === 'heading_open';
  }
  return { path, snippets, links, anchors };
}

/** The text of a heading without its marks. */
function textOf(children: readonly { readonly type: string; readonly content: string }[]): string {
  return children
    .filter(({ type }) => type === 'text' || type === 'code_inline')
    .map(({ content }) => content)
    .join('');
}

/** The snippets of all pages for users. */
export function allSnippets(): readonly Snippet[] {
  return USER_PAGES.flatMap((path) => readPage(path).snippets);
}
