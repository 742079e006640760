import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { copepod } from '../integration/support/cli.ts';
import { allSnippets, ROOT } from './support/pages.ts';
import { placeOf, type Snippet, type Way, wayOf } from './support/snippet.ts';

const snippets = allSnippets();
const of = (way: Way): [string, Snippet][] =>
  snippets.filter((each) => wayOf(each) === way).map((each) => [placeOf(each), each]);

const PROGRAMS = of('program');
const SCRIPTS = of('script');
const TESTS = of('test');
const CLIENTS = of('client configuration');

/** The files that a client's configuration names are in it. */
const AGENTS = join(ROOT, 'examples/agents');

/** Compiles strictly, but a snippet may leave its parameters without types, as an author of JavaScript does. */
const COMPILER_OPTIONS = {
  target: 'esnext',
  module: 'nodenext',
  strict: true,
  noImplicitAny: false,
  noEmit: true,
  allowJs: true,
  checkJs: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
};

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'copepod-code-'));
  write('package.json', '{ "type": "module" }');
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/copepod'));
  for (const name of ['@types', '@cloudflare', 'ai', 'zod'])
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  for (const [, each] of PROGRAMS) write(`programs/${nameOf(each)}`, codeOf(each));
  for (const [, each] of SCRIPTS) write(`scripts/${nameOf(each)}`, codeOf(each));
  for (const [, each] of TESTS) {
    write(`tests/${directoryOf(each)}/main.ts`, each.notes.given ?? '');
    write(`tests/${directoryOf(each)}/main.test.ts`, each.text);
  }
  const { code, stderr } = await copepod(['types', '-o', join(folder, 'copepod.d.ts')]);
  if (code !== 0) throw new Error(`copepod types: ${stderr}`);
  write('tsconfig.programs.json', project(['programs'], { types: ['node'] }));
  write('tsconfig.scripts.json', project(['scripts', 'tests', 'copepod.d.ts'], { lib: ['esnext'], types: [] }));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

const project = (include: readonly string[], options: object): string =>
  JSON.stringify({ compilerOptions: { ...COMPILER_OPTIONS, ...options }, include });
const nameOf = ({ page, line, language }: Snippet): string =>
  `${page.replaceAll(/\W+/g, '-')}-${line}.${language === 'ts' ? 'ts' : 'js'}`;
const directoryOf = ({ page, line }: Snippet): string => `${page.replaceAll(/\W+/g, '-')}-${line}`;
const codeOf = ({ text, notes }: Snippet): string => `${notes.given ?? ''}${text}`;

/** Type errors with their places; empty if there are none. */
function typeErrors(config: string): string {
  try {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [tsc, '-p', config, '--pretty', 'false'], { cwd: folder, encoding: 'utf8' });
    return '';
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

describe('code on the pages', () => {
  test('there is some of each kind', () => {
    for (const kind of [PROGRAMS, SCRIPTS, TESTS, CLIENTS]) expect(kind.length).toBeGreaterThan(0);
  });

  test('programs that use the library have no type errors', () => {
    expect(typeErrors('tsconfig.programs.json')).toBe('');
  }, 120_000);

  test('scripts and tests have no type errors', () => {
    expect(typeErrors('tsconfig.scripts.json')).toBe('');
  }, 120_000);

  test.each(PROGRAMS.filter(([, { language }]) => language === 'js'))(
    '%s: the program ends without an error',
    async (_, each) => {
      const env = { ...process.env, NODE_OPTIONS: '' };
      const options = { cwd: folder, env, timeout: 50_000 };
      const { stderr } = await promisify(execFile)(process.execPath, [`programs/${nameOf(each)}`], options);
      expect(stderr).toBe('');
    },
  );

  // The commands of a page run those that they find by a name, and show what becomes of them.
  test.each(SCRIPTS.filter(([, { notes }]) => notes.file === undefined))(
    '%s: the script completes',
    async (_, each) => {
      write('cron.yaml', 'execution: { type: cron, triggeredBy: system }\n');
      const args = ['run', join(folder, 'scripts', nameOf(each)), '--context-file', join(folder, 'cron.yaml')];
      const { code, stdout, stderr } = await copepod([...args, '-o', 'json']);
      expect({ code, stderr, stdout: code === 0 ? '' : stdout }).toEqual({ code: 0, stderr: '', stdout: '' });
    },
  );

  test.each(CLIENTS)('%s: the server that an MCP client is told to start answers', async (_, { text }) => {
    const { mcpServers } = JSON.parse(text) as { mcpServers: Record<string, { command: string; args: string[] }> };
    for (const { command, args } of Object.values(mcpServers)) {
      const PATH = [dirname(process.execPath), join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter);
      // npx finds the command in the package that it is started in: here, the repository is that package.
      const found =
        command === 'npx' ? [process.execPath, join(ROOT, 'dist/cli/main.js'), ...args.slice(1)] : [command, ...args];
      const transport = new StdioClientTransport({
        command: found[0] ?? '',
        args: found.slice(1),
        cwd: AGENTS,
        env: { PATH },
        stderr: 'ignore',
      });
      await using client = Object.assign(new Client({ name: 'docs', version: '1' }), {
        [Symbol.asyncDispose]: () => transport.close(),
      });
      await client.connect(transport);
      expect((await client.listTools()).tools.map(({ name }) => name)).toContain('execute');
    }
  });

  test.each(TESTS)('%s: the test passes', async (_, each) => {
    const { code, stdout, stderr } = await copepod(['test'], { cwd: join(folder, 'tests', directoryOf(each)) });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/1 passed/);
  });
});
