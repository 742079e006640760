import { describe, expect, test } from '@jest/globals';
import { type EndpointSituation, endpointConditions } from '../../../../src/operator/endpoints/endpoint-conditions.ts';
import { endpointSituation } from './situation.ts';

const now = new Date('2026-11-30T10:00:00Z');
const conditionsOf = (changes: Partial<EndpointSituation>) =>
  endpointConditions(endpointSituation(changes), { generation: 2, now, previous: undefined });

describe('the conditions of an endpoint', () => {
  test.each<[string, Partial<EndpointSituation>, string, RegExp, string | undefined]>([
    ['it is served', {}, 'True Serving', /Requests are served/, undefined],
    [
      'its runtime is at zero pods',
      { servingPods: 0, isAtZero: true },
      'True ScaledToZero',
      /the first request starts one\.$/,
      undefined,
    ],
    [
      'and nothing has compiled its script',
      { servingPods: 0, isAtZero: true, compilation: undefined },
      'True ScaledToZero',
      /Whether the script compiles is not known/,
      undefined,
    ],
    [
      'it has no runtime',
      { hasRuntime: false, compilation: undefined },
      'False RuntimeNotFound',
      /no ScriptRuntime "default"/,
      'Reconciling',
    ],
    [
      'its runtime refuses it',
      { refusal: { reason: 'TenantRefused', message: 'ScriptRuntime "default" does not admit tenant "a".' } },
      'False TenantRefused',
      /does not admit/,
      'Stalled',
    ],
    [
      'its source is missing',
      { missingSource: 'ConfigMap "a" was not found.' },
      'False SourceNotFound',
      /was not found/,
      'Reconciling',
    ],
    [
      'its script does not compile',
      { compilation: { error: { message: "SyntaxError: Unexpected token '}'", file: 'shop.ts', line: 3, column: 7 } } },
      'False CompilationError',
      /^The script does not compile: shop\.ts:3:7: SyntaxError/,
      'Stalled',
    ],
    [
      'and has no place',
      { compilation: { error: { message: 'it is too long' } } },
      'False CompilationError',
      /^The script does not compile: it is too long$/,
      'Stalled',
    ],
    [
      'its hostname is taken',
      { conflicts: [{ hostname: 'x.example', other: 'globex/b' }] },
      'False HostnameTaken',
      /x\.example is taken by ScriptEndpoint globex\/b/,
      'Stalled',
    ],
    [
      'its hostname is that of the gateway, and another is taken',
      {
        conflicts: [
          { hostname: 'x.example', other: 'globex/b' },
          { hostname: 'copepod.example', other: undefined },
        ],
      },
      'False HostnameReserved',
      /globex\/b; copepod\.example is the host of the gateway itself: requests for it do not come here\.$/,
      'Stalled',
    ],
    ['its runtime has no pods', { servingPods: 0 }, 'False RuntimeNotReady', /its conditions say why/, 'Reconciling'],
    ['its script is being compiled', { compilation: undefined }, 'Unknown Compiling', /being compiled/, 'Reconciling'],
  ])('where %s', (_, changes, ready, message, also) => {
    const [condition, ...others] = conditionsOf(changes);
    expect(`${condition?.status} ${condition?.reason}`).toBe(ready);
    expect(condition).toMatchObject({
      type: 'Ready',
      observedGeneration: 2,
      lastTransitionTime: '2026-11-30T10:00:00.000000Z',
    });
    expect(condition?.message).toMatch(message);
    expect(others.map(({ type, status, reason }) => [type, status, reason])).toEqual(
      also === undefined ? [] : [[also, 'True', condition?.reason]],
    );
  });

  test('keep the time of their last change', () => {
    const previous = conditionsOf({});
    const later = new Date('2026-11-30T11:00:00Z');
    const again = endpointConditions(endpointSituation(), { generation: 3, now: later, previous });
    expect(again[0]?.lastTransitionTime).toBe('2026-11-30T10:00:00.000000Z');
    const failed = endpointConditions(endpointSituation({ servingPods: 0 }), { generation: 3, now: later, previous });
    expect(failed[0]?.lastTransitionTime).toBe('2026-11-30T11:00:00.000000Z');
  });
});
