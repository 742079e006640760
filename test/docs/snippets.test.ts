import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { commandsOf } from './support/commands.ts';
import { isShown } from './support/output.ts';
import { allSnippets, ROOT } from './support/pages.ts';
import { notesOf, placeOf, type Snippet, wayOf } from './support/snippet.ts';

const snippets = allSnippets();
const because = (way: string): [string, Snippet][] =>
  snippets.filter((each) => wayOf(each) === way).map((each) => [placeOf(each), each]);

describe('every snippet of the pages for users is tested, or says why it is not', () => {
  test('how a snippet is tested follows from its language or from the comment above it', () => {
    const ways = Object.groupBy(snippets, wayOf);
    expect(Object.keys(ways).length).toBeGreaterThan(5);
    expect(snippets.length).toBeGreaterThan(50);
  });

  test.each(because('not run'))('%s is not run, and says why', (_, { notes }) => {
    expect(notes['not run']?.length).toBeGreaterThan(15);
  });

  test.each(because('tested elsewhere'))('%s is tested by a file that names its page', (_, { page, notes }) => {
    const file = join(ROOT, notes['tested by'] ?? '');
    expect(existsSync(file)).toBe(true);
    expect(readFileSync(file, 'utf8')).toContain(page);
  });

  test.each(
    snippets
      .flatMap((each) => (wayOf(each) === 'commands' ? commandsOf(each) : []))
      .filter(({ place }) => place === 'make'),
  )('$at: make has the targets of `$text`', ({ text }) => {
    const makefiles = [
      'Makefile',
      'test/cluster/cluster.mk',
      'test/e2e/e2e.mk',
      'test/chaos/chaos.mk',
      'deploy/deploy.mk',
    ];
    const rules = makefiles.map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');
    const [, words = ''] = /\bmake ([^#)]*)/.exec(text) ?? [];
    const targets = words
      .trim()
      .split(/\s+/)
      .filter((word) => /^[a-z][\w-]*$/.test(word));
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets) expect(rules).toMatch(new RegExp(`^${target}:`, 'm'));
  });
});

test('the commands that need a cluster are run on one', () => {
  const needed = snippets.filter(
    (each) => wayOf(each) === 'commands' && commandsOf(each).some(({ place }) => place === 'cluster'),
  );
  const run = readFileSync(join(ROOT, 'test/e2e/docs.test.ts'), 'utf8');
  const pages = [...new Set(needed.map(({ page }) => page))];
  expect(pages.length).toBeGreaterThan(5);
  expect(pages.filter((page) => !run.includes(`path: '${page}'`))).toEqual([]);
});

describe('what a comment above a snippet may say', () => {
  test.each([
    ['<!-- anything -->', {}],
    ['<!-- snippet: not run It needs a registry. -->', { 'not run': 'It needs a registry.' }],
    [
      '<!-- snippet: file a.yaml\npart of ScriptEndpoint.spec -->',
      { file: 'a.yaml', 'part of': 'ScriptEndpoint.spec' },
    ],
    ['<!-- snippet: is script\ngiven:\nconst a = 1;\n-->', { is: 'script', given: 'const a = 1;\n' }],
  ])('%j', (comment, notes) => {
    expect(notesOf(comment, 'docs/a.md:1')).toEqual(notes);
  });

  test.each([
    ['<!-- snippet: skipped -->', 'docs/a.md:1: "skipped" is no note on a snippet'],
    ['<!-- snippet: is poem -->', 'docs/a.md:1: "is poem"'],
  ])('%j is refused', (comment, message) => {
    expect(() => notesOf(comment, 'docs/a.md:1')).toThrow(message);
  });

  test('a language that no test knows is refused', () => {
    const snippet = { page: 'docs/a.md', line: 3, language: 'cobol', text: '', notes: {} };
    expect(() => wayOf(snippet)).toThrow('docs/a.md:3: no test knows what to do with a block of "cobol"');
  });
});

describe('commands of a block', () => {
  test('a command goes on after a backslash and through a here-document; its output follows it', () => {
    const text =
      "$ cat > a.js <<'JS'\n1\nJS\n$ copepod run \\\n    a.js   # exit code 1\nNAME\n\n...\n$ kubectl get pods\n";
    const commands = commandsOf({ page: 'p.md', line: 10, language: 'console', text, notes: {} });
    expect(commands.map(({ at, text, output, exitCode, place }) => ({ at, text, output, exitCode, place }))).toEqual([
      { at: 'p.md:11', text: "cat > a.js <<'JS'\n1\nJS", output: [], exitCode: 0, place: 'laptop' },
      {
        at: 'p.md:14',
        text: 'copepod run \\\n    a.js   # exit code 1',
        output: ['NAME', '', '...'],
        exitCode: 1,
        place: 'laptop',
      },
      { at: 'p.md:19', text: 'kubectl get pods', output: [], exitCode: 0, place: 'cluster' },
    ]);
  });
});

describe('an output is what the page shows', () => {
  test.each([
    ['whatever a run takes', ['a   True   7ms'], 'a     True   12ms\n', true],
    ['at whatever time', ['at 2026-01-01T00:00:00Z'], 'at 2027-02-02T01:02:03.456Z', true],
    ['whatever name is drawn', ['sx/hello-x7k2p created'], 'sx/hello-b4c9m created', true],
    ['where dots stand for lines', ['first', '...', 'last'], 'first\n2\n3\nlast\n', true],
    ['where dots stand for a part of a line', ['{"a":1,...}'], '{"a":1,"b":2}', true],
    ['but not with another word', ['a   True   7ms'], 'a   False   7ms\n', false],
    ['but not with a line more', ['first'], 'first\nsecond\n', false],
    ['but not with a line less', ['first', 'second'], 'first\n', false],
  ])('%s', (_, shown, output, expected) => {
    expect(isShown(shown, output)).toBe(expected);
  });
});
