/** The fields of metav1.ObjectMeta that this library reads or writes. */
export interface ObjectMeta {
  name: string;
  generateName?: string;
  /** Absent on cluster-scoped objects. */
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  /** RFC 3339. */
  creationTimestamp?: string;
  /** RFC 3339; set once deletion has been requested. */
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: ManagedFieldsEntry[];
}

/** Fields that one client has set, and when it last did: an entry of `metadata.managedFields`. */
export interface ManagedFieldsEntry {
  manager?: string;
  operation?: string;
  /** RFC 3339. */
  time?: string;
  /** `status` for fields that were set through that subresource. */
  subresource?: string;
  /** A set of field paths, nested: `{ 'f:spec': { 'f:schedule': {} } }`. */
  fieldsV1?: Readonly<Record<string, unknown>>;
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** Any Kubernetes object as JSON: times are strings. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}

/** Identifies an object among those of its kind. */
export interface ObjectRef {
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** `namespace/name`, or `name` for a cluster-scoped object: the key of caches and queues. */
export function keyOf({ metadata }: { metadata: ObjectRef }): string {
  return refKey(metadata);
}

/** The key of a reference: see `keyOf`. */
export function refKey({ namespace, name }: ObjectRef): string {
  return namespace ? `${namespace}/${name}` : name;
}

/** The reverse of `keyOf`. */
export function parseKey(key: string): { namespace?: string; name: string } {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/**
 * Negative if `one` is older than `other`, 0 if equal, positive if newer. Resource versions of one kind are increasing
 * decimal numbers (guaranteed since Kubernetes 1.35, true since etcd 3) and may exceed the safe integer range.
 */
export function compareResourceVersions(one: string, other: string): number {
  if (one.length !== other.length) return one.length - other.length;
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The object as cached: managed fields are often half of its size. */
export function withoutManagedFields<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
