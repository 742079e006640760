import { describe, expect, test } from '@jest/globals';
import type { JsonValue } from '../../../src/api/json.ts';
import { requestedExecution } from '../../../src/gateway/execute/requested-execution.ts';
import type { Refusal } from '../../../src/gateway/refusal.ts';

const trace = { requestID: 'r-1', traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
const requested = (spec: JsonValue, username = '') =>
  requestedExecution({ namespace: 'acme', runtime: 'web', spec, uid: 'u-1', trace, username });
const refusal = (spec: JsonValue): unknown => {
  try {
    return requested(spec);
  } catch (error) {
    const { code, message } = error as Refusal;
    return `${code} ${message}`;
  }
};

describe('the execution of a request', () => {
  test('has defaults, the runtime of the path, and the request in its context', () => {
    const { metadata, spec } = requested({ source: '1' });
    expect(metadata).toMatchObject({ namespace: 'acme', uid: 'u-1' });
    expect(spec).toMatchObject({
      source: '1',
      language: 'JavaScript',
      runtimeRef: { name: 'web' },
      context: { ...trace, execution: { type: 'http', triggeredBy: 'api' } },
    });
  });

  test('has what the body says of its context', () => {
    const context = { tenant: { id: 't' }, requestID: 'mine', execution: { type: 'one_off' } };
    expect(requested({ source: '1', context }).spec.context).toMatchObject({
      ...context,
      execution: { type: 'one_off', triggeredBy: 'api' },
      traceparent: trace.traceparent,
    });
  });

  test('is by the user of the request, whatever its body says', () => {
    const context = { execution: { createdBy: 'root' } };
    expect(requested({ source: '1', context }, 'jane').spec.context?.execution).toMatchObject({ createdBy: 'jane' });
    expect(requested({ source: '1' }, 'jane').spec.context?.execution).toMatchObject({ createdBy: 'jane' });
    expect(requested({ source: '1' }).spec.context?.execution).not.toHaveProperty('createdBy');
  });

  test.each<[string, JsonValue, RegExp]>([
    ['a list', [], /^400 the body must be a JSON object/],
    ['null', null, /^400 the body must be a JSON object/],
    ['nothing to run', {}, /^422 spec.* exactly one of source and sourceFrom/],
    ['another runtime', { source: '1', runtimeRef: { name: 'other' } }, /^400 spec.runtimeRef names "other"/],
    ['an unknown field', { source: '1', parms: {} }, /^422 spec.parms/],
    ['a context that is none', { source: '1', context: 'x' }, /^422 spec.context/],
    ['an execution that is none', { source: '1', context: { execution: 1 } }, /^422 spec.context.execution/],
    ['suspension', { source: '1', suspend: true }, /^422 spec.suspend must be false here/],
    ['cancellation', { source: '1', cancel: true }, /^422 spec.cancel must be false here/],
    ['retries', { source: '1', backoffLimit: 2 }, /^422 spec.backoffLimit must be 0 here/],
  ])('is refused for %s', (_what, spec, expected) => expect(refusal(spec)).toMatch(expected));
});
