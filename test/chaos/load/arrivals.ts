import type { ScriptExecution } from '../../../src/api/types.generated.ts';
import { SCRIPT_EXECUTIONS } from '../../../src/cluster/resources.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import { pause } from '../../../src/kube/pause.ts';
import { insistOnCreating } from '../cluster/insist.ts';
import type { Random } from '../random.ts';

/**
 * Creates executions at random moments at a given mean rate, whatever the state of earlier ones. Each create is retried
 * until it succeeds. Resolves when all exist.
 */
export async function arrive(
  client: KubeClient,
  {
    executions,
    rate,
    random,
    signal,
  }: { executions: readonly ScriptExecution[]; rate: number; random: Random; signal: AbortSignal },
): Promise<void> {
  const creating: Promise<void>[] = [];
  for (const execution of executions) {
    await pause(random.next() * (2000 / rate), signal);
    if (signal.aborted) break;
    creating.push(insistOnCreating(signal, (call) => client.create(SCRIPT_EXECUTIONS, execution, call)));
  }
  await Promise.all(creating);
}
