import type { ObjectMeta } from '../api/object-meta.ts';
import { defined } from '../kube/defined.ts';

/** What the cache keeps of every object's metadata. */
export function projectedMetadata({ name, namespace, ...metadata }: ObjectMeta): ObjectMeta {
  const { uid, resourceVersion, generation, creationTimestamp, deletionTimestamp } = metadata;
  return { name, namespace, ...defined({ uid, resourceVersion, generation, creationTimestamp, deletionTimestamp }) };
}
