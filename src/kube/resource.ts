import type { KubeObject, ObjectRef } from './object.ts';

/** A kind and its location in the API. Made by `defineResource`. */
export interface Resource<T extends KubeObject = KubeObject> {
  /** `apps/v1`, or `v1` for the core group. */
  readonly apiVersion: string;
  readonly kind: string;
  /** Name in URLs: `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** For the type checker only: never set. */
  readonly type?: T;
}

/** Defines a kind and the type of its JSON. Namespaced by default. */
export function defineResource<T extends KubeObject>(
  apiVersion: string,
  kind: string,
  plural: string,
  { namespaced = true }: { namespaced?: boolean } = {},
): Resource<T> {
  return Object.freeze({ apiVersion, kind, plural, namespaced });
}

/** The collection path of a kind, in one namespace or in all. */
export function collectionPath({ apiVersion, plural, namespaced }: Resource, namespace?: string): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespaced && namespace
    ? `${group}/namespaces/${encodeURIComponent(namespace)}/${plural}`
    : `${group}/${plural}`;
}

/**
 * The path of an object or of a subresource (`status`). Throws if the name, or the namespace of a namespaced kind, is
 * missing, which is a bug of the caller.
 */
export function objectPath(resource: Resource, { name, namespace }: ObjectRef, subresource?: string): string {
  if (!name) throw new TypeError(`a ${resource.kind} without a name has no path`);
  if (resource.namespaced && !namespace) throw new TypeError(`${resource.kind} "${name}" needs a namespace`);
  const path = `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
  return subresource ? `${path}/${subresource}` : path;
}
