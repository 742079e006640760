import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { expected, manifestsIn } from './support/example-files.ts';
import { HOST_FUNCTIONS_IMAGE } from './support/images.ts';
import { useNamespace } from './support/namespace.ts';
import { conditionOf, reasonOf } from './support/objects.ts';

const namespace = useNamespace('host-functions');
const examples = manifestsIn('examples/host-functions');
let ended: Record<string, ScriptExecution>;

beforeAll(async () => {
  await namespace.runtime({ image: HOST_FUNCTIONS_IMAGE, pool: { size: 2 } });
  await namespace.apply(examples);
  ended = await namespace.ended(examples.map(({ metadata }) => metadata.name));
});

describe('with an image with host functions', () => {
  test.each(examples.map((each) => [each.metadata.name, each] as const))(
    '%s finishes as its annotations say',
    (name, example) => {
      const found = ended[name] as ScriptExecution;
      expect(reasonOf(found)).toBe(expected(example, 'reason'));
      const [result, line] = [expected(example, 'result'), expected(example, 'line')];
      if (result !== undefined) expect(found.status.result).toEqual(JSON.parse(result));
      if (line !== undefined) expect(found.status.error?.line).toBe(Number(line));
    },
  );

  test('calls are counted, and exceeding the limit ends the execution', () => {
    const { status } = ended['api-calls-exceeded'] as ScriptExecution;
    expect(conditionOf({ status }, 'Succeeded')).toMatchObject({ status: 'False', reason: 'APICallsExceeded' });
    expect(status.error).toMatchObject({ type: 'ResourceError', retryable: false });
    expect((ended.quote as ScriptExecution).status.usage?.apiCalls).toBe(4);
  });
});
