import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ALL_PAGES, type Page, ROOT, readPage } from './support/pages.ts';

const pages = new Map<string, Page>(ALL_PAGES.map((path) => [path, readPage(path)]));

/** What is wrong with a link, or undefined. */
function faultOf(page: string, target: string): string | undefined {
  if (/^(https?|mailto):/.test(target)) return URL.canParse(target) ? undefined : 'no URL';
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? page : normalize(join(dirname(page), file));
  if (path.startsWith('..')) return 'outside the repository';
  if (!existsSync(join(ROOT, path))) return 'no such file';
  if (anchor === undefined) return undefined;
  if (statSync(join(ROOT, path)).isDirectory()) return 'an anchor in a folder';
  if (path.endsWith('.md') && !pages.get(path)?.anchors.has(anchor)) return 'no such heading';
  return undefined;
}

describe('links of Markdown files lead to files and headings that exist', () => {
  test.each(ALL_PAGES)('%s', (path) => {
    const faults = (pages.get(path)?.links ?? []).flatMap(({ line, target }) => {
      const fault = faultOf(path, target);
      return fault === undefined ? [] : [`${path}:${line}: ${target}: ${fault}`];
    });
    expect(faults).toEqual([]);
  });

  test.each([
    ['docs/env.md', 'env.md#redaction', undefined],
    ['docs/env.md', '#redaction', undefined],
    ['docs/env.md', 'nowhere.md', 'no such file'],
    ['docs/env.md', '#nowhere', 'no such heading'],
    ['README.md', '../README.md', 'outside the repository'],
  ])('a link of %s to %s: %s', (page, target, fault) => {
    expect(faultOf(page, target)).toBe(fault);
  });
});
