import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecutionStatus } from '../../src/api/types.generated.ts';
import { until } from '../support/until.ts';
import { accountToken, useGateway } from './support/gateway.ts';
import { useNamespace } from './support/namespace.ts';

// The commands of docs/gateway.md: install, and execute with a token.
const namespace = useNamespace('gateway');
const gateway = useGateway();
let token: string;

beforeAll(async () => {
  await namespace.runtime({ pool: { size: 2 } });
  token = await accountToken(namespace, 'caller', true);
}, 300_000);

interface Answer {
  readonly code: number;
  readonly body: ScriptExecutionStatus & { readonly reason?: string };
}

async function execute(spec: object, bearer = token): Promise<Answer> {
  const path = `/apis/copepod.dev/v1alpha1/namespaces/${namespace.name}/scriptruntimes/default/execute`;
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
  const { code, text } = await gateway.ask(path, { method: 'POST', headers, body: JSON.stringify(spec) });
  return { code, body: JSON.parse(text) as Answer['body'] };
}

describe('the gateway', () => {
  test('executes scripts on the pods of a runtime, through their NetworkPolicy', async () => {
    const answer = await until('an answer', async () => {
      const { code, body } = await execute({ source: 'params.a + 1', params: { a: 41 } });
      return code === 200 ? body : undefined;
    });
    expect(answer.result).toBe(42);
    expect(await namespace.list('scriptexecution')).toEqual([]);
  });

  test('refuses accounts without the right to create executions', async () => {
    const stranger = await accountToken(namespace, 'stranger', false);
    expect(await execute({ source: '1' }, stranger)).toMatchObject({ code: 403, body: { reason: 'Forbidden' } });
  });

  test('loses no request while its pods are replaced', async () => {
    const answers: number[] = [];
    let isOver = false;
    const client = async (): Promise<void> => {
      while (!isOver) answers.push((await execute({ source: '1' }).catch(() => ({ code: -1 }))).code);
    };
    const load = Promise.all([client(), client()]);
    await gateway.restart();
    isOver = true;
    await load;
    expect(answers.length).toBeGreaterThan(20);
    expect(new Set(answers)).toEqual(new Set([200]));
  }, 240_000);
});
