import type { ScriptExecution } from '../../api/types.generated.ts';
import { SCRIPT_EXECUTIONS } from '../../cluster/resources.ts';
import { isForbidden } from '../../kube/api-error.ts';
import { Reflector } from '../../kube/reflector.ts';
import type { Cluster } from './cluster.ts';

export interface FollowOptions {
  readonly signal: AbortSignal;
  /** The connection is lost; it is tried again. */
  readonly onLost?: (error: Error) => void;
}

/**
 * Yields an execution as it is, and again after each change; of several changes at once the last. Undefined: it does not
 * exist, or no longer. Ends when the signal is aborted. Lost connections are made again for as long as that takes.
 *
 * @throws ApiError without the right to list and watch
 */
export async function* followExecution(
  { client, namespace }: Cluster,
  name: string,
  { signal, onLost }: FollowOptions,
): AsyncGenerator<ScriptExecution | undefined, void> {
  let latest: ScriptExecution | undefined;
  let changed = Promise.withResolvers<void>();
  let hasChanged = false;
  let refusal: unknown;
  const end = new AbortController();
  const stop = (): void => {
    end.abort();
    changed.resolve();
  };
  const see = (object: ScriptExecution | undefined): void => {
    latest = object;
    hasChanged = true;
    changed.resolve();
  };
  const reflector = new Reflector<ScriptExecution>(
    {
      client,
      resource: SCRIPT_EXECUTIONS,
      namespace,
      fieldSelector: `metadata.name=${name}`,
      transform: (object) => object,
      onError: (error) => {
        if (isForbidden(error)) {
          refusal = error;
          stop();
        } else onLost?.(error as Error);
      },
    },
    { replaced: ([object]) => see(object), changed: see, deleted: () => see(undefined) },
  );
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const following = reflector.run(end.signal);
  try {
    while (!end.signal.aborted) {
      await changed.promise;
      if (!hasChanged) continue;
      hasChanged = false;
      changed = Promise.withResolvers();
      yield latest;
    }
    if (refusal !== undefined) throw refusal;
  } finally {
    signal.removeEventListener('abort', stop);
    end.abort();
    await following;
  }
}
