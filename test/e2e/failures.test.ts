import { beforeAll, describe, expect, test } from '@jest/globals';
import { REASONS, type Reason } from '../../src/api/outcome.ts';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { expected, manifestsIn } from './support/example-files.ts';
import { useNamespace } from './support/namespace.ts';
import { conditionOf, type ExecutionSpec, type Manifest, reasonOf } from './support/objects.ts';

const namespace = useNamespace('failures');
const examples = manifestsIn('examples/failures').map(patient);
const executions = examples.filter(({ kind }) => kind === 'ScriptExecution');
let ended: Record<string, ScriptExecution>;

/** On a busy machine, five seconds may not contain the CPU time an example uses. */
function patient(example: Manifest): Manifest {
  const { limits, ...spec } = (example.spec ?? {}) as ExecutionSpec;
  return limits?.cpuTime === undefined
    ? example
    : { ...example, spec: { ...spec, limits: { ...limits, timeout: '30s' } } };
}

interface Failure {
  readonly spec: ExecutionSpec;
  readonly reason: Reason;
  readonly message: RegExp;
  readonly at?: readonly [line: number, column: number];
}

const FAILURES: Readonly<Record<string, Failure>> = {
  'does-not-parse': {
    spec: { source: 'const a = 1;\nconst b = ;\n' },
    reason: 'CompilationError',
    message: /Unexpected token/,
    at: [2, 11],
  },
  'imports-what-is-not-there': {
    spec: { source: '\n  import x from "node:fs";\nexport default x;' },
    reason: 'CompilationError',
    message: /Cannot import 'node:fs'/,
    at: [2, 17],
  },
  throws: {
    spec: { source: 'const f = () => {\n  throw new TypeError("no such order");\n};\nf();' },
    reason: 'RuntimeError',
    message: /^TypeError: no such order/,
    at: [2, 9],
  },
  'throws-in-typescript': {
    spec: {
      language: 'TypeScript',
      source: 'type A = { b?: { c: number } };\nexport default (a: A): number => a.b!.c;',
    },
    reason: 'RuntimeError',
    message: /Cannot read properties of undefined/,
    at: [2, 39],
  },
  'returns-a-cycle': {
    spec: { source: 'const a = {}; a.a = a; a' },
    reason: 'RuntimeError',
    message: /circular/i,
  },
  'returns-a-bigint': { spec: { source: '10n' }, reason: 'RuntimeError', message: /BigInt/ },
  'returns-a-function': { spec: { source: '() => 1' }, reason: 'RuntimeError', message: /function/ },
  'loops-past-its-timeout': {
    spec: { source: 'for (;;);', limits: { timeout: '300ms' } },
    reason: 'TimeoutExceeded',
    message: /300 ?ms/,
  },
  'awaits-what-never-comes': {
    spec: { source: 'await new Promise(() => {})', limits: { timeout: '300ms' } },
    reason: 'TimeoutExceeded',
    message: /./,
  },
  'uses-too-much-processor-time': {
    spec: { source: 'for (;;) await 0', limits: { timeout: '30s', cpuTime: '200ms' } },
    reason: 'CPUTimeExceeded',
    message: /200 ?ms/,
  },
  'uses-too-much-memory': {
    spec: { source: 'const a = []; for (;;) a.push(new Array(1e4).fill(1))', limits: { memory: '16Mi' } },
    reason: 'MemoryExceeded',
    message: /16 ?Mi/,
  },
  'returns-too-much': {
    spec: { source: '"x".repeat(1023)', limits: { result: '1Ki' } },
    reason: 'ResultTooLarge',
    message: /1 ?Ki|1024/,
  },
  'asks-for-too-much': {
    spec: { source: '1', limits: { memory: '1Gi', timeout: '1h' } },
    reason: 'LimitsRefused',
    message: /memory.*timeout|timeout.*memory/,
  },
  'is-of-another-tenant': {
    spec: { source: '1', runtimeRef: { name: 'members-only' }, context: { tenant: { id: 'stranger' } } },
    reason: 'TenantRefused',
    message: /does not admit tenant "stranger"/,
  },
};

beforeAll(async () => {
  await namespace.runtime({ pool: { size: 2 } });
  await namespace.apply(examples);
  await namespace.start(Object.fromEntries(Object.entries(FAILURES).map(([name, { spec }]) => [name, spec])));
  ended = await namespace.ended([...executions.map(({ metadata }) => metadata.name), ...Object.keys(FAILURES)]);
});

describe('a failed execution has an error with position and retryability', () => {
  test.each(Object.entries(FAILURES))('%s', (name, { reason, message, at }) => {
    const found = ended[name] as ScriptExecution;
    const { errorType, retryable } = REASONS[reason];
    for (const [type, status] of [
      ['Succeeded', 'False'],
      ['Ready', 'False'],
      ['Stalled', 'True'],
    ] as const) {
      expect(conditionOf(found, type)).toMatchObject({ status, reason, message: expect.stringMatching(message) });
    }
    expect(conditionOf(found, 'Reconciling')).toBeUndefined();
    const { error } = found.status;
    expect(error).toMatchObject({ type: errorType, retryable, message: expect.stringMatching(message) });
    if (at !== undefined) expect([error?.line, error?.column]).toEqual(at);
    expect(found.status).not.toHaveProperty('result');
  });

  test('a refused execution never started', () => {
    for (const name of ['asks-for-too-much', 'is-of-another-tenant']) {
      const { status } = ended[name] as ScriptExecution;
      expect(status).toMatchObject({ attempts: 0 });
      expect(status).not.toHaveProperty('claim');
      expect(status).not.toHaveProperty('startTime');
    }
  });
});

describe('the failure examples finish as their annotations say', () => {
  test.each(executions.map((each) => [each.metadata.name, each] as const))('%s', (name, example) => {
    const found = ended[name] as ScriptExecution;
    expect(reasonOf(found)).toBe(expected(example, 'reason'));
    const [line, column] = [expected(example, 'line'), expected(example, 'column')];
    if (line !== undefined) expect(found.status.error?.line).toBe(Number(line));
    if (column !== undefined) expect(found.status.error?.column).toBe(Number(column));
  });
});
