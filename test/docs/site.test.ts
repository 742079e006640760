import { describe, expect, test } from '@jest/globals';
import { PAGES } from '../../site/.vitepress/pages.ts';
import { ALL_PAGES } from './support/pages.ts';

/** Pages that are not for readers of the site: of tests, and of figures. */
const isOther = (path: string): boolean => /^(test|bench|findings|site)\//.test(path);

describe('the site', () => {
  test('has each page of the repository for its readers once, and no page that is not there', () => {
    expect([...PAGES].toSorted()).toEqual(ALL_PAGES.filter((path) => !isOther(path)));
  });
});
