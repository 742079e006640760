import type { ScriptExecution } from '../../src/api/types.generated.ts';
import { SCRIPT_EXECUTIONS } from '../../src/cluster/resources.ts';
import type { KubeClient } from '../../src/kube/client.ts';
import type { EndWatcher } from './end-watcher.ts';
import type { Timeline } from './steps.ts';

/** `created` is the answer to the create, `timeline` the whole execution; both reject on failure. */
export interface Begun {
  readonly created: Promise<unknown>;
  readonly timeline: Promise<Timeline>;
}

/** Sends the create of an execution; the watcher reports its end. */
export function begin(
  client: KubeClient,
  watcher: EndWatcher<ScriptExecution>,
  execution: ScriptExecution,
  signal: AbortSignal,
): Begun {
  const end = watcher.end(execution.metadata.name);
  const sentMs = performance.now();
  const sentAt = Date.now();
  const created = client.create(SCRIPT_EXECUTIONS, execution, { signal }).then(() => performance.now());
  const timeline = Promise.all([created, end]).then(([answeredMs, ended]) => ({ sentMs, sentAt, answeredMs, ended }));
  end.catch(() => {}); // reported by the timeline, unless the create fails
  return { created, timeline };
}
