import { describe, expect, test } from '@jest/globals';
import { schemaOf } from '../../../src/api/crd.ts';
import type { JsonObject } from '../../../src/api/json.ts';
import { withoutUnknownFields } from '../../../src/api/unknown-fields.ts';

const object = (spec: JsonObject): JsonObject => ({
  apiVersion: 'copepod.dev/v1alpha1',
  kind: 'ScriptExecution',
  metadata: { name: 'x', labels: { any: 'label' } },
  spec: { runtimeRef: { name: 'default' }, source: '1', ...spec },
});
const without = (spec: JsonObject) => withoutUnknownFields(schemaOf('ScriptExecution'), object(spec));

describe('an object without the fields that its schema does not define', () => {
  test('has no field of a later version, at any depth, and says which those were', () => {
    const given = {
      notify: 'Never',
      limits: { timeout: '5s', heap: '1Gi' },
      env: [{ name: 'A', value: '1', later: {} }],
    };
    expect(without(given)).toEqual({
      value: object({ limits: { timeout: '5s' }, env: [{ name: 'A', value: '1' }] }),
      removed: ['spec.notify', 'spec.limits.heap', 'spec.env[0].later'],
    });
  });

  test('keeps what has a schema of its own choice, and leaves its argument as it is', () => {
    const given = object({ params: { any: { depth: [1, { notify: 2 }] } }, notify: true });
    const text = JSON.stringify(given);
    const { value, removed } = withoutUnknownFields(schemaOf('ScriptExecution'), given);
    expect(removed).toEqual(['spec.notify']);
    expect(value).toEqual(object({ params: { any: { depth: [1, { notify: 2 }] } } }));
    expect(JSON.stringify(given)).toBe(text);
  });
});
