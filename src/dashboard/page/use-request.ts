import { useEffect, useState } from 'preact/hooks';
import type { Failure } from '../messages.ts';
import { RequestFailed, request } from './api.ts';

/** An answer of the dashboard, or why there is none. */
export interface Requested<T> {
  readonly value: T | undefined;
  readonly failure: Failure | undefined;
}

/**
 * The JSON of a path. It is asked for again when the version changes, and the last answer is shown meanwhile.
 * @param path undefined: nothing is asked for
 */
export function useRequest<T>(path: string | undefined, version = ''): Requested<T> {
  const [answer, setAnswer] = useState<Requested<T> & { readonly path: string | undefined }>();
  useEffect(() => {
    if (path === undefined) return undefined;
    const controller = new AbortController();
    request<T>(path, { signal: controller.signal }).then(
      (value) => setAnswer({ path, value, failure: undefined }),
      (error: unknown) => {
        if (controller.signal.aborted) return;
        if (!(error instanceof RequestFailed)) throw error;
        const { failure } = error;
        setAnswer((before) => ({ path, value: before?.path === path ? before?.value : undefined, failure }));
      },
    );
    return () => controller.abort();
  }, [path, version]);
  return answer?.path === path && answer !== undefined ? answer : { value: undefined, failure: undefined };
}
