import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { HOST_FUNCTIONS_IMAGE } from './support/images.ts';
import { useNamespace } from './support/namespace.ts';
import { conditionOf } from './support/objects.ts';

const namespace = useNamespace('lost');
beforeAll(async () => {
  await namespace.runtime({ image: HOST_FUNCTIONS_IMAGE, replicas: 2, pool: { size: 2 } });
});

const LONG = { source: 'console.log("begun"); await clock.sleep(20_000); 1' };

/** Starts an execution and returns the pod it runs on. */
async function podOf(name: string, spec: object = LONG): Promise<string> {
  await namespace.start({ [name]: spec });
  return (await namespace.says(name, 'Running')).status.claim?.podName ?? '';
}

/** Runs a command in a pod, as the user of its processes. */
const inPod = (pod: string, command: string) => namespace.kubectl('exec', pod, '--', 'sh', '-c', command);
/** From outside, like the kernel's OOM killer. */
const killSandboxes = (pod: string) =>
  inPod(
    pod,
    'for p in /proc/[0-9]*; do grep -q dist/[s]andbox "$p/cmdline" && kill -KILL "$(basename "$p")"; done; true',
  );
/** Signals its first process twice: the second SIGTERM terminates it at once. */
const endContainer = (pod: string) => inPod(pod, 'kill -TERM 1; sleep 1; kill -TERM 1');
const removePod = (pod: string) => namespace.kubectl('delete', 'pod', pod, '--grace-period=0', '--force');

function expectLost(object: ScriptExecution, reason: string, message: RegExp): void {
  expect(conditionOf(object, 'Succeeded')).toMatchObject({ status: 'False', reason });
  expect(object.status.error).toMatchObject({
    type: 'InternalError',
    retryable: true,
    message: expect.stringMatching(message),
  });
  expect(object.status).toMatchObject({ attempts: 1 });
}

describe('a script whose sandbox, container or pod is lost', () => {
  test.each([
    ['a-killed-sandbox', 'SandboxLost', /sandbox/, killSandboxes],
    ['a-container-that-ended', 'PodLost', /./, endContainer],
    ['a-removed-pod', 'PodLost', /^Pod copepod-default-.* is gone\.$/, removePod],
  ] as const)('%s: finishes as %s, without a retry', async (name, reason, message, take) => {
    const pod = await podOf(name);
    await namespace.logged(name, 'begun');
    await take(pod);
    const ended = (await namespace.ended([name]))[name] as ScriptExecution;
    expectLost(ended, reason, message);
    expect(ended.status.claim?.podName).toBe(pod);
    await namespace.ready();
  });

  test('logs from a killed sandbox are kept', async () => {
    const { status } = await namespace.execution('a-killed-sandbox');
    expect(status.logs).toMatchObject([{ level: 'info', message: 'begun' }]);
  });
});

describe('with backoffLimit, a lost attempt is retried', () => {
  const brief = { source: 'await clock.sleep(4000); "done"', backoffLimit: 2 };

  test.each([
    ['tried-again-after-its-sandbox', 'SandboxLost', killSandboxes],
    ['tried-again-after-its-pod', 'PodLost', removePod],
  ] as const)('%s', async (name, reason, take) => {
    const pod = await podOf(name, brief);
    await take(pod);
    const { status } = (await namespace.ended([name]))[name] as ScriptExecution;
    expect(conditionOf({ status }, 'Succeeded')).toMatchObject({ status: 'True', reason: 'Completed' });
    expect(status).toMatchObject({
      run: 1,
      attempts: 2,
      result: 'done',
      claim: { attempt: 2 },
      attemptHistory: [{ attempt: 1, podName: pod, reason, error: { type: 'InternalError', retryable: true } }],
    });
    await namespace.ready();
  });
});

test('executions in other sandboxes and pods continue', async () => {
  await namespace.start({
    here: { source: 'await clock.sleep(5000); 1' },
    there: { source: 'await clock.sleep(5000); 1' },
  });
  const pods = await Promise.all(
    ['here', 'there'].map(async (name) => (await namespace.says(name, 'Running')).status.claim?.podName ?? ''),
  );
  expect(new Set(pods).size).toBe(2);
  await removePod(pods[0] ?? '');
  const { there } = await namespace.ended(['here', 'there']);
  expect(there.status).toMatchObject({ result: 1, attempts: 1 });
});
