/** The URL data of web-platform-tests, in the sandbox and in Node. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { engineForTests } from '../integration/support/engine.ts';
import { sideBySide, type Tally } from './side-by-side.ts';

const engine = engineForTests({ limits: { memoryBytes: 128 << 20, cpuTimeMs: 20_000, timeoutMs: 30_000 } });

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`fixtures/url/${name}.json`, import.meta.url), 'utf8'));

interface UrlCase {
  readonly input: string;
  readonly base: string | null;
  readonly failure?: boolean;
  readonly [part: string]: unknown;
}

function parsing(cases: (UrlCase | string)[]): Tally {
  const parts = [
    'href',
    'origin',
    'protocol',
    'username',
    'password',
    'host',
    'hostname',
    'port',
    'pathname',
    'search',
    'hash',
  ];
  const failed: string[] = [];
  let tried = 0;
  for (const each of cases) {
    if (typeof each === 'string') continue;
    tried++;
    const base = each.base ?? undefined;
    let passes: boolean;
    try {
      const url = new URL(each.input, base);
      passes =
        !each.failure &&
        URL.canParse(each.input, base) &&
        URL.parse(each.input, base)?.href === url.href &&
        parts.every((part) => !(part in each) || url[part as 'href'] === each[part]) &&
        (!('searchParams' in each) || String(url.searchParams) === each.searchParams);
    } catch (error) {
      passes = each.failure === true && error instanceof TypeError && !URL.canParse(each.input, base);
    }
    if (!passes) failed.push(JSON.stringify([each.input, each.base]));
  }
  return { tried, failed };
}

type SetterCases = Record<string, { href: string; new_value: string; expected: Record<string, string> }[]>;

function setting(all: SetterCases): Tally {
  const failed: string[] = [];
  let tried = 0;
  for (const [part, cases] of Object.entries(all)) {
    if (part === 'comment') continue;
    for (const { href, new_value, expected } of cases) {
      tried++;
      const url = new URL(href);
      url[part as 'href'] = new_value;
      const passes = Object.entries(expected).every(([name, value]) => url[name as 'href'] === value);
      if (!passes) failed.push(JSON.stringify([part, href, new_value]));
    }
  }
  return { tried, failed };
}

function toAscii(cases: ({ input: string; output: string | null } | string)[]): Tally {
  const failed: string[] = [];
  let tried = 0;
  for (const each of cases) {
    if (typeof each === 'string') continue;
    tried++;
    const url = URL.parse(`https://${each.input}/x`);
    const setter = new URL('https://before/x');
    setter.host = each.input;
    const passes = (url?.host ?? null) === each.output && setter.host === (each.output ?? 'before');
    if (!passes) failed.push(each.input);
  }
  return { tried, failed };
}

function query(cases: string[]): Tally {
  const failed: string[] = [];
  for (const text of cases) {
    const params = new URLSearchParams(text);
    const again = new URLSearchParams([...params]);
    const url = new URL(`https://a.example/?${text.replaceAll('#', '%23')}`);
    if (String(again) !== String(params) || url.searchParams.size !== new URLSearchParams(url.search).size)
      failed.push(text);
  }
  return { tried: cases.length, failed };
}

const queries = [
  '',
  '?',
  '??a',
  'a',
  'a=',
  '=a',
  'a=b&a=c',
  '&&a&&',
  'a=%',
  'a=%2x',
  'a+b=c+d',
  'a=%f0%9f%98%80',
  'ä=ö',
  '\ud800=1',
  'a=b=c',
  '%00=%00',
  'a;b=1',
];

test.each<[string, (data: never) => Tally, unknown]>([
  ['urltestdata.json: parsing', parsing as never, read('urltestdata')],
  ['setters_tests.json: setters', setting as never, read('setters_tests')],
  ['toascii.json: hosts', toAscii as never, read('toascii')],
  ['queries', query as never, queries],
])('%s passes as in Node', async (_, run, data) => {
  const { sandbox, node } = await sideBySide(engine, run, data);
  expect(sandbox.tried).toBeGreaterThan(10);
  expect(sandbox).toEqual(node);
});

test('of all cases, these are tried and passed', async () => {
  const counts: Record<string, string> = {};
  for (const [name, run] of [
    ['urltestdata', parsing],
    ['setters_tests', setting],
    ['toascii', toAscii],
  ] as const) {
    const { sandbox } = await sideBySide(engine, run as never, read(name));
    counts[name] = `${sandbox.tried - sandbox.failed.length} of ${sandbox.tried}`;
  }
  expect(counts).toEqual({ urltestdata: '891 of 891', setters_tests: '278 of 278', toascii: '87 of 87' });
});
