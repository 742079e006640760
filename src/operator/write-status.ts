import { isConflict, isNotFound } from '../kube/api-error.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Informer } from '../kube/informer.ts';
import type { KubeObject } from '../kube/object.ts';
import type { Resource } from '../kube/resource.ts';

/** Where objects of a kind are written and cached. */
export interface StatusTarget<T extends KubeObject, Cached extends KubeObject> {
  readonly client: KubeClient;
  readonly resource: Resource<T>;
  readonly cache: Informer<T, Cached>;
}

/** Writes the status of an object as it is cached. False where the object is another by now; then the cache has that one. */
export async function writeStatus<T extends KubeObject, Cached extends KubeObject>(
  { client, resource, cache }: StatusTarget<T, Cached>,
  { apiVersion, kind, metadata }: Cached,
  status: unknown,
): Promise<boolean> {
  const { name, namespace, uid, resourceVersion } = metadata;
  const object = { apiVersion, kind, metadata: { name, namespace, uid, resourceVersion }, status };
  try {
    cache.observe(await client.replaceStatus(resource, object as unknown as T));
    return true;
  } catch (error) {
    if (!isConflict(error) && !isNotFound(error)) throw error;
    const found = await client.find(resource, metadata);
    if (found) cache.observe(found);
    return false;
  }
}
