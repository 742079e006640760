import { randomUUID } from 'node:crypto';
import { executionConditions } from '../../src/api/conditions.ts';
import { formatTime } from '../../src/api/time.ts';
import type { ScriptExecution, ScriptExecutionStatus } from '../../src/api/types.generated.ts';
import { SCRIPT_EXECUTIONS } from '../../src/cluster/resources.ts';
import { isConflict } from '../../src/kube/api-error.ts';
import { RESULT } from '../scenarios/small.ts';
import { type Sample, summarise } from '../statistics.ts';
import { newExecution } from './executions.ts';
import type { Progress } from './progress.ts';
import type { Target } from './target.ts';
import { withWorkers } from './workers.ts';

export interface RawLoad {
  readonly namespace: string;
  readonly prefix: string;
  readonly count: number;
  readonly workers: number;
  readonly signal: AbortSignal;
}

/**
 * The writes of an execution without running it: create, claim, outcome, each sent when the one before it is answered.
 * An upper bound for any operator that writes twice per execution.
 */
export async function rawTriples(target: Target, progress: Progress, load: RawLoad): Promise<Sample> {
  const { namespace, prefix, count, workers, signal } = load;
  const latenciesMs: number[] = [];
  const startMs = performance.now();
  await withWorkers(count, workers, async (index) => {
    const sentMs = performance.now();
    await triple(target, newExecution(namespace, `${prefix}-${index}`, 'absent'), signal);
    latenciesMs.push(performance.now() - sentMs);
    progress.at(latenciesMs.length, count);
  });
  return summarise(workers, performance.now() - startMs, latenciesMs);
}

async function triple({ client }: Target, execution: ScriptExecution, signal: AbortSignal): Promise<void> {
  const created = await client.create(SCRIPT_EXECUTIONS, execution, { signal });
  try {
    const claim = claimed();
    const running = await client.replaceStatus(SCRIPT_EXECUTIONS, withStatus(created, claim), { signal });
    await client.replaceStatus(SCRIPT_EXECUTIONS, withStatus(running, finished(claim)), { signal });
  } catch (error) {
    if (!isConflict(error)) throw error;
    throw new Error('another client writes to the raw executions: is an operator running outside its Deployment?');
  }
}

/** Only what the API server evaluates: a status write ignores the rest, but has to parse it. */
function withStatus({ apiVersion, kind, metadata }: ScriptExecution, status: ScriptExecutionStatus): ScriptExecution {
  const { name, namespace, resourceVersion } = metadata;
  return { apiVersion, kind, metadata: { name, namespace, resourceVersion }, status } as ScriptExecution;
}

function claimed(): ScriptExecutionStatus {
  const now = new Date();
  const message = 'Pod default-7d9c4b5f6-x2x9z runs it.';
  return {
    observedGeneration: 1,
    conditions: executionConditions({ reason: 'Running', message, generation: 1, now }),
    run: 1,
    runDigest: `v1:${'9f2c'.repeat(16)}`,
    attempts: 1,
    claim: {
      podName: 'default-7d9c4b5f6-x2x9z',
      podUID: randomUUID(),
      bootID: randomUUID(),
      attempt: 1,
      claimTime: formatTime(now),
    },
  };
}

function finished(claim: ScriptExecutionStatus): ScriptExecutionStatus {
  const now = new Date();
  const time = formatTime(now);
  return {
    ...claim,
    conditions: executionConditions({ reason: 'Completed', message: 'It returned.', generation: 1, now }),
    startTime: time,
    completionTime: time,
    result: JSON.parse(RESULT),
    logs: [
      { time, level: 'info', message: 'subtotal 14360 cents, customer of tier gold' },
      { time, level: 'info', message: 'rule gold-over-100 takes 15 percent' },
    ],
    usage: { cpuMilliseconds: 1, wallMilliseconds: 2, peakHeapBytes: 1_200_000, apiCalls: 0 },
  };
}
