import type { ScriptExecution } from '../../../../src/api/types.generated.ts';
import { SCRIPT_EXECUTIONS } from '../../../../src/cluster/resources.ts';
import type { KubeClient } from '../../../../src/kube/client.ts';

/** Requests under way at once. */
const CONCURRENCY = 60;

const NAMES = ['checkout', 'invoice', 'sync-stock', 'price-rules', 'nightly-report', 'webhook', 'resize', 'vat-check'];
const TENANTS = ['acme', 'globex', 'initech', 'umbrella', 'hooli'];
const FAILURES = [
  ['RuntimeError', "TypeError: Cannot read properties of undefined (reading 'total')"],
  ['TimeoutExceeded', 'the script ran for longer than 30s'],
  ['MemoryExceeded', 'the script needed more than 64Mi'],
] as const;

/** Runs actions with an index each, some at a time. */
export async function inParallel(count: number, action: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await action(next - 1);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

/** An execution of the index as an author would write it. */
export function madeExecution(namespace: string, index: number): ScriptExecution {
  const name = `${NAMES[index % NAMES.length]}-${String(index).padStart(5, '0')}`;
  const spec = {
    runtimeRef: { name: index % 7 === 0 ? 'batch' : 'default' },
    source: `({ order: ${index} })`,
    context: { tenant: { id: TENANTS[index % TENANTS.length] } },
  };
  return { apiVersion: 'copepod.dev/v1alpha1', kind: 'ScriptExecution', metadata: { name, namespace }, spec } as never;
}

/** The status of an execution of the index as an operator would have written it. */
export function madeStatus(index: number, now: number): object {
  const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();
  const kind = index < 6 ? 'running' : index < 60 ? 'waiting' : index % 23 === 0 ? 'failed' : 'succeeded';
  const [reason, message] = FAILURES[index % 3] as (typeof FAILURES)[number];
  const condition = (succeeded: 'True' | 'False' | 'Unknown', why: string, text: string): object[] =>
    ['Succeeded', 'Ready'].map((type) => ({
      type,
      status: succeeded,
      reason: why,
      message: text,
      observedGeneration: 1,
      lastTransitionTime: ago(index % 40),
    }));
  const claim = {
    podName: 'default-7c9f-x2x9k',
    podUID: 'p',
    bootID: 'b',
    attempt: 1,
    claimTime: ago(3 + (index % 9)),
  };
  const common = { observedGeneration: 1, run: 1, attempts: 1 };
  switch (kind) {
    case 'running':
      return {
        ...common,
        claim,
        startTime: ago(3),
        conditions: condition('Unknown', 'Running', 'The script is running.'),
      };
    case 'waiting':
      return { ...common, attempts: 0, conditions: condition('Unknown', 'Pending', 'It waits for a VM.') };
    default: {
      const [startTime, completionTime] = [ago(60 + index), ago(58 + index)];
      const usage = {
        cpuMilliseconds: 4 + (index % 90),
        wallMilliseconds: 12 + ((index * 37) % 1800),
        peakHeapBytes: 3_400_000,
      };
      const ended = { ...common, claim, startTime, completionTime, usage };
      if (kind === 'succeeded')
        return { ...ended, result: { ok: true }, conditions: condition('True', 'Completed', 'ok') };
      const type =
        reason === 'RuntimeError' ? 'RuntimeError' : reason === 'TimeoutExceeded' ? 'TimeoutError' : 'ResourceError';
      const error = { type, message, line: 1, column: 4, retryable: false };
      return { ...ended, error, conditions: condition('False', reason, message) };
    }
  }
}

/**
 * Creates executions of a namespace that no operator watches.
 * @param withStatus how many of them get the status that an operator would have written
 */
export async function makeExecutions(
  client: KubeClient,
  namespace: string,
  { count, withStatus }: { readonly count: number; readonly withStatus: number },
): Promise<void> {
  await inParallel(count, async (index) => {
    const made = await client.create(SCRIPT_EXECUTIONS, madeExecution(namespace, index));
    if (index >= withStatus) return;
    await client.replaceStatus(SCRIPT_EXECUTIONS, {
      ...made,
      status: madeStatus(index, Date.now()),
    } as ScriptExecution);
  });
}
