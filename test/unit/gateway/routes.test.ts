import { describe, expect, test } from '@jest/globals';
import { routeOf } from '../../../src/gateway/http/routes.ts';
import { requestTrace } from '../../../src/gateway/http/trace-context.ts';
import type { Refusal } from '../../../src/gateway/refusal.ts';

const PATH = '/apis/copepod.dev/v1alpha1/namespaces/acme/scriptruntimes/web/execute';

const answer = (method: string, target: string): unknown => {
  try {
    return routeOf(method, target);
  } catch (error) {
    return (error as Refusal).code;
  }
};

describe('the route of a request', () => {
  test.each([
    ['POST', PATH, { namespace: 'acme', runtime: 'web', record: 'Never' }],
    ['POST', `${PATH}?record=Always`, { namespace: 'acme', runtime: 'web', record: 'Always' }],
    ['POST', `${PATH}?record=Failures`, { namespace: 'acme', runtime: 'web', record: 'Failures' }],
    ['POST', PATH.replace('web', 'a.b-c'), { namespace: 'acme', runtime: 'a.b-c', record: 'Never' }],
    ['GET', PATH, 405],
    ['HEAD', PATH, 405],
    ['OPTIONS', PATH, 405],
    ['POST', `${PATH}/`, 404],
    ['POST', `/${PATH}`, 404],
    ['POST', PATH.replace('acme', 'Acme'), 404],
    ['POST', PATH.replace('acme', 'a.b'), 404],
    ['POST', PATH.replace('web', '..'), 404],
    ['POST', PATH.replace('web', 'a%2Fb'), 404],
    ['POST', PATH.replace('web', ''), 404],
    ['POST', PATH.replace('v1alpha1', 'v1'), 404],
    ['POST', '/', 404],
    ['POST', '', 404],
    ['POST', `${PATH}?record=always`, 400],
    ['POST', `${PATH}?record=Always&record=Never`, 400],
    ['POST', `${PATH}?dryRun=All`, 400],
  ])('%s %s', (method, target, expected) => expect(answer(method, target)).toEqual(expected));
});

describe('the trace of a request', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  const zeros = (count: number): string => '0'.repeat(count);

  test.each([
    ['no headers', {}, { requestID: expect.stringMatching(/^[0-9a-f-]{36}$/) }],
    ['an id', { 'x-request-id': 'order-7' }, { requestID: 'order-7' }],
    [
      'both',
      { 'x-request-id': 'a', traceparent, tracestate: 'v=1' },
      { requestID: 'a', traceparent, tracestate: 'v=1' },
    ],
    [
      'a later version with more fields',
      { 'x-request-id': 'a', traceparent: `cc${traceparent.slice(2)}-what` },
      { requestID: 'a', traceparent: `cc${traceparent.slice(2)}-what` },
    ],
    ['an empty state', { 'x-request-id': 'a', traceparent, tracestate: '' }, { requestID: 'a', traceparent }],
  ])('%s', (_what, headers, expected) => expect(requestTrace(headers)).toEqual(expected));

  test.each([
    ['version ff', `ff${traceparent.slice(2)}`],
    ['a trace of zeros', `00-${zeros(32)}-00f067aa0ba902b7-01`],
    ['a parent of zeros', `00-4bf92f3577b34da6a3ce929d0e0e4736-${zeros(16)}-01`],
    ['version 00 with more fields', `${traceparent}-what`],
    ['capitals', traceparent.toUpperCase()],
    ['too much text', `cc${traceparent.slice(2)}-${'x'.repeat(300)}`],
  ])('is without %s', (_what, invalid) => {
    const headers = { 'x-request-id': 'a', traceparent: invalid, tracestate: 'v=1' };
    expect(requestTrace(headers)).toEqual({ requestID: 'a' });
  });

  test.each([['a b'], ['ä'], ['x'.repeat(129)], ['']])('has a new id instead of %j', (id) => {
    expect(requestTrace({ 'x-request-id': id }).requestID).toMatch(/^[0-9a-f-]{36}$/);
  });
});
