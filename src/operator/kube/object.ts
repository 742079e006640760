/** What any Kubernetes object says of itself: the fields of metav1.ObjectMeta that this library reads or writes. */
export interface ObjectMeta {
  name: string;
  generateName?: string;
  /** Absent on objects of the whole cluster. */
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  /** RFC 3339. */
  creationTimestamp?: string;
  /** RFC 3339; present from the moment that somebody asked to delete the object. */
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** Any Kubernetes object, as its JSON is on the wire: times are strings. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}

/** What tells an object from the others of its kind. */
export interface ObjectRef {
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** `namespace/name`, or `name` alone for an object of the whole cluster: what caches and queues know an object by. */
export function keyOf({ metadata }: { metadata: ObjectRef }): string {
  return refKey(metadata);
}

/** The key of a reference: see `keyOf`. */
export function refKey({ namespace, name }: ObjectRef): string {
  return namespace ? `${namespace}/${name}` : name;
}

/** The name and namespace that a key was made of. */
export function parseKey(key: string): { namespace?: string; name: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/**
 * Below 0 where `one` is older than `other`, 0 where they are the same, above 0 where it is newer. Resource versions of
 * one kind are decimal numbers that grow (the API promises it since Kubernetes 1.35, and has done so ever since etcd 3);
 * they can be larger than a double holds.
 */
export function compareResourceVersions(one: string, other: string): number {
  if (one.length !== other.length) return one.length - other.length;
  return one < other ? -1 : one > other ? 1 : 0;
}

/** An object as it is kept in a cache: who has written which field is half of many a one, and nobody asks. */
export function withoutManagedFields<T extends { metadata: object }>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as { managedFields?: unknown };
  return { ...object, metadata };
}
