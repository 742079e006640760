import { describe, expect, test } from '@jest/globals';
import type { JsonValue } from '../../../src/api/json.ts';
import { REASONS } from '../../../src/api/outcome.ts';
import { Compiler } from '../../../src/runtime/compiler.ts';
import { completeContext } from '../../../src/runtime/context.ts';
import { Environments } from '../../../src/runtime/env/environments.ts';
import { Execution } from '../../../src/runtime/execution.ts';
import { ExecutionCounter } from '../../../src/runtime/metrics.ts';
import { DEFAULT_LIMITS, limitsWithin, refusals, withDefaults } from '../../../src/runtime/options.ts';
import { ScriptError } from '../../../src/runtime/script-error.ts';
import type { ExecuteOptions, Limits } from '../../../src/runtime/types.ts';

const executionOf = (options: ExecuteOptions, tenants: string[] = [], source = '1'): Execution =>
  new Execution(
    source,
    options,
    { ceiling: DEFAULT_LIMITS, tenants },
    { compiler: new Compiler({ enabled: true, size: 10 }, NO_PROCESSES), environments: new Environments() },
  );

/** Admission compiles nothing. */
const NO_PROCESSES = { compile: () => Promise.reject(new Error('unused')) };

const nested = (levels: number): JsonValue => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
const circle: unknown[] = [];
circle.push(circle);

describe('limits', () => {
  test('what is left out is the ceiling’s', () => {
    expect(limitsWithin(DEFAULT_LIMITS)).toEqual(DEFAULT_LIMITS);
    expect(limitsWithin(DEFAULT_LIMITS, { timeoutMs: 5 })).toEqual({ ...DEFAULT_LIMITS, timeoutMs: 5 });
  });

  test('undefined is left out', () => {
    expect(limitsWithin(DEFAULT_LIMITS, { timeoutMs: undefined } as unknown as Limits)).toEqual(DEFAULT_LIMITS);
    expect(withDefaults({ a: 1, b: 2 }, { a: undefined as unknown as number, b: 3 })).toEqual({ a: 1, b: 3 });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1, '5' as unknown as number, null as unknown as number])(
    '%s is no limit, for nothing would pass it',
    (value) => {
      expect(() => limitsWithin(DEFAULT_LIMITS, { timeoutMs: value })).toThrow(/limits.timeoutMs/);
    },
  );

  test.each([
    [{ timeout: 500 }, 'limits.timeout is no option: did you mean timeoutMs?'],
    [{ ram: 1 }, `limits.ram is no option: there are ${Object.keys(DEFAULT_LIMITS).join(', ')}`],
  ])('%j is refused: the limit that is meant would stay as it is', (unknown, message) => {
    expect(() => limitsWithin(DEFAULT_LIMITS, unknown as Partial<Limits>)).toThrow(new TypeError(message));
  });

  test('zero is one', () => {
    expect(limitsWithin(DEFAULT_LIMITS, { apiCalls: 0 }).apiCalls).toBe(0);
  });

  test.each(Object.keys(DEFAULT_LIMITS) as (keyof Limits)[])(
    'more of %s than the ceiling is refused, in words',
    (key) => {
      const more = { [key]: DEFAULT_LIMITS[key] + 1 };
      expect(refusals(more, DEFAULT_LIMITS)).toEqual([
        `limits.${key} asks for ${DEFAULT_LIMITS[key] + 1}, and the runtime allows ${DEFAULT_LIMITS[key]}`,
      ]);
      expect(refusals({ [key]: DEFAULT_LIMITS[key] }, DEFAULT_LIMITS)).toEqual([]);
    },
  );

  test('all that is too much is named at once', () => {
    expect(executionOf({ limits: { timeoutMs: 1e9, apiCalls: 1e9 } }).refusal?.error?.message).toMatch(
      /limits.timeoutMs .*; limits.apiCalls /,
    );
  });
});

describe('what is refused before it starts', () => {
  test.each<[string, ExecuteOptions, string[], string, string | undefined]>([
    ['any tenant where none are named', {}, [], '1', undefined],
    ['a tenant that is admitted', { context: { tenant: { id: 'a' } } }, ['a', 'b'], '1', undefined],
    ['a tenant that is not', { context: { tenant: { id: 'c' } } }, ['a', 'b'], '1', 'TenantRefused'],
    ['nobody in particular where tenants are named', {}, ['a'], '1', 'TenantRefused'],
    ['too much', { limits: { timeoutMs: 30_001 } }, [], '1', 'LimitsRefused'],
    ['a source of 1 MiB', {}, [], ' '.repeat(1 << 20), undefined],
    ['one byte more', {}, [], ' '.repeat((1 << 20) + 1), 'LimitsRefused'],
    ['more bytes, though fewer characters', {}, [], `"${'€'.repeat(400_000)}"`, 'LimitsRefused'],
    ['params of 256 KiB', { params: 'x'.repeat((256 << 10) - 2) }, [], '1', undefined],
    ['one byte more of them', { params: 'x'.repeat((256 << 10) - 1) }, [], '1', 'LimitsRefused'],
    ['params of 100 levels', { params: nested(100) }, [], '1', undefined],
    ['a level more', { params: nested(101) }, [], '1', 'LimitsRefused'],
    ['a level more by toJSON', { params: { toJSON: () => nested(101) } as never }, [], '1', 'LimitsRefused'],
    ['levels without end', { params: nested(20_000) }, [], '1', 'LimitsRefused'],
    ['a context without end', { context: { tenant: { id: 'x'.repeat(600 << 10) } } }, [], '1', 'LimitsRefused'],
    [
      'a context of levels without end',
      { context: { user: { permissions: nested(20_000) as never } } },
      [],
      '1',
      'LimitsRefused',
    ],
  ])('%s', (_, options, tenants, source, reason) => {
    expect(executionOf(options, tenants, source).refusal?.reason).toBe(reason);
  });

  test.each<[string, unknown]>([
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a bigint', 1n],
    ['a list that holds itself', circle],
  ])('params that are no JSON are a mistake of the caller: %s', (_, params) => {
    expect(() => executionOf({ params: params as never })).toThrow(TypeError);
  });
});

describe('what a script gets', () => {
  test.each<[ExecuteOptions, unknown]>([
    [{}, {}],
    [{ params: undefined as never }, {}],
    [{ params: null }, null],
    [{ params: [1] }, [1]],
    [{ params: 0 }, 0],
    [{ params: '' }, ''],
  ])('params of %j are %j', (options, params) => {
    expect(JSON.parse(executionOf(options).input.params)).toEqual(params);
  });

  test('a context is filled in', () => {
    const context = completeContext();
    expect(context).toEqual({
      tenant: { id: 'default', name: 'default' },
      user: { id: '', email: '', permissions: [] },
      execution: { id: expect.stringMatching(/^[0-9a-f-]{36}$/), type: 'embedded', triggeredBy: 'api' },
      requestID: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(completeContext().requestID).not.toBe(context.requestID);
  });

  test('a tenant without a name has its id for one', () => {
    expect(completeContext({ tenant: { id: 'acme' } }).tenant).toEqual({ id: 'acme', name: 'acme' });
  });

  test('what is given stays; what is no part of a context goes', () => {
    const full = {
      tenant: { id: 'a', name: 'A' },
      user: { id: 'u', email: 'u@a', permissions: ['x'] },
      execution: { id: 'e', type: 'cron', triggeredBy: 'system' },
      requestID: 'r',
    } as const;
    expect(completeContext(full)).toEqual(full);
    const more = { ...full, secret: 1, user: { ...full.user, admin: true } };
    expect(completeContext(more)).toEqual(full);
  });

  test('a list of permissions that changes later is not the script’s', () => {
    const permissions = ['x'];
    const context = completeContext({ user: { permissions } });
    permissions.push('admin');
    expect(context.user.permissions).toEqual(['x']);
  });

  test('tenants are told apart by their key, or else by their id', () => {
    expect(executionOf({ context: { tenant: { id: 'a' } } }).tenantKey).toBe('a');
    expect(executionOf({ context: { tenant: { id: 'a' } }, tenantKey: 'ns/a' }).tenantKey).toBe('ns/a');
    expect(executionOf({}).tenantKey).toBe('default');
  });
});

describe('errors by reason', () => {
  test.each(Object.entries(REASONS).filter(([, rule]) => rule.errorType !== null))('%s', (reason, rule) => {
    const error = new ScriptError(reason as keyof typeof REASONS, { message: 'm' });
    expect(error).toMatchObject({ type: rule.errorType, retryable: rule.retryable, reason, message: 'm', stack: 'm' });
    expect(error).toBeInstanceOf(Error);
  });
});

describe('counting executions', () => {
  test('every end is counted under its reason, and under one of three heads', () => {
    const counter = new ExecutionCounter();
    for (const reason of ['Completed', 'Completed', 'RuntimeError', 'TimeoutExceeded', 'CPUTimeExceeded'] as const) {
      counter.ended(reason);
    }
    counter.ended('Cancelled');
    counter.running = 2;
    counter.pending = 3;
    expect(counter.stats()).toEqual({ total: 6, succeeded: 2, errors: 1, timeouts: 2, running: 2, pending: 3 });
    expect(counter.reasons).toEqual({
      Completed: 2,
      RuntimeError: 1,
      TimeoutExceeded: 1,
      CPUTimeExceeded: 1,
      Cancelled: 1,
    });
  });
});
