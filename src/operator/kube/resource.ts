import type { KubeObject, ObjectRef } from './object.ts';

/** A kind of object and where the API server keeps it. Made by `defineResource`. */
export interface Resource<T extends KubeObject = KubeObject> {
  /** `apps/v1`, or `v1` for the core group. */
  readonly apiVersion: string;
  readonly kind: string;
  /** As in URLs: `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** Only for the compiler: no value has it. */
  readonly type?: T;
}

/** Names a kind of object, and the type of its JSON. Namespaced where nothing else is said. */
export function defineResource<T extends KubeObject>(
  apiVersion: string,
  kind: string,
  plural: string,
  { namespaced = true }: { namespaced?: boolean } = {},
): Resource<T> {
  return Object.freeze({ apiVersion, kind, plural, namespaced });
}

/** The path of all objects of a kind, in one namespace or, where none is named, in all. */
export function collectionPath({ apiVersion, plural, namespaced }: Resource, namespace?: string): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespaced && namespace
    ? `${group}/namespaces/${encodeURIComponent(namespace)}/${plural}`
    : `${group}/${plural}`;
}

/**
 * The path of one object, or of a subresource of it (`status`).
 * Throws where the name, or the namespace of a namespaced kind, is missing: that is a bug of the caller.
 */
export function objectPath(resource: Resource, { name, namespace }: ObjectRef, subresource?: string): string {
  if (!name) throw new TypeError(`a ${resource.kind} without a name has no path`);
  if (resource.namespaced && !namespace) throw new TypeError(`${resource.kind} "${name}" needs a namespace`);
  const path = `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
  return subresource ? `${path}/${subresource}` : path;
}
