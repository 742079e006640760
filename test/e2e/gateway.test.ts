import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecutionStatus } from '../../src/api/types.generated.ts';
import { until } from '../support/until.ts';
import { kubectl, kubectlJson } from './support/kubectl.ts';
import { useNamespace } from './support/namespace.ts';

const namespace = useNamespace('gateway');
const SYSTEM = ['--namespace', 'copepod-system'];
let host: string;
let token: string;

/** The gateway of this checkout: the image of the operator that runs. */
async function install(): Promise<void> {
  const image = await kubectl([
    ...SYSTEM,
    'get',
    'deployment',
    'copepod-operator',
    '--output',
    'jsonpath={.spec.template.spec.containers[0].image}',
  ]);
  const manifests = await kubectl(['kustomize', 'deploy/gateway']);
  await kubectl(['apply', '--server-side', '--filename', '-'], {
    input: manifests.replace('localhost/copepod:dev', image),
  });
  await kubectl([...SYSTEM, 'rollout', 'status', 'deployment/copepod-gateway', '--timeout=120s']);
}

beforeAll(async () => {
  await install();
  await namespace.runtime({ pool: { size: 2 } });
  const service = await kubectlJson<{ spec: { clusterIP: string } }>([...SYSTEM, 'get', 'service', 'copepod-gateway']);
  host = service.spec.clusterIP;
  await namespace.kubectl('create', 'serviceaccount', 'caller');
  await namespace.kubectl(
    'create',
    'rolebinding',
    'caller',
    '--clusterrole=copepod-edit',
    `--serviceaccount=${namespace.name}:caller`,
  );
  token = (await namespace.kubectl('create', 'token', 'caller')).trim();
}, 300_000);
afterAll(async () => {
  await kubectl(['delete', '--kustomize', 'deploy/gateway', '--wait=false']);
});

interface Answer {
  readonly code: number;
  readonly body: ScriptExecutionStatus & { readonly reason?: string };
}

/** Sends a spec through the Service, on a connection of its own. */
function execute(spec: object, bearer = token): Promise<Answer> {
  const path = `/apis/copepod.dev/v1alpha1/namespaces/${namespace.name}/scriptruntimes/default/execute`;
  const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const asking = request({ host, port: 80, path, method: 'POST', headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      answer.on('error', reject).on('end', () => resolve({ code: answer.statusCode ?? 0, body: JSON.parse(text) }));
    });
    asking.on('error', reject).end(JSON.stringify(spec));
  });
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
    await namespace.kubectl('create', 'serviceaccount', 'stranger');
    const stranger = (await namespace.kubectl('create', 'token', 'stranger')).trim();
    expect(await execute({ source: '1' }, stranger)).toMatchObject({ code: 403, body: { reason: 'Forbidden' } });
  });

  test('loses no request while its pods are replaced', async () => {
    const answers: number[] = [];
    let isOver = false;
    const client = async (): Promise<void> => {
      while (!isOver) answers.push((await execute({ source: '1' }).catch(() => ({ code: -1 }))).code);
    };
    const load = Promise.all([client(), client()]);
    await kubectl([...SYSTEM, 'rollout', 'restart', 'deployment/copepod-gateway']);
    await kubectl([...SYSTEM, 'rollout', 'status', 'deployment/copepod-gateway', '--timeout=180s']);
    isOver = true;
    await load;
    expect(answers.length).toBeGreaterThan(20);
    expect(new Set(answers)).toEqual(new Set([200]));
  }, 240_000);
});
