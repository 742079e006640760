import type { KubeObject, ObjectMeta, OwnerReference } from './object.ts';

/**
 * What a child says of the object that manages it: deleted with it by the garbage collector, and nobody else's to manage.
 * With `blockOwnerDeletion` a foreground deletion of the owner waits for the child (an admission plugin may then ask for
 * the right to update the owner's finalizers). Throws where the owner has not been read from the API server: a bug.
 */
export function controllerReference(
  owner: KubeObject,
  { blockOwnerDeletion = true }: { blockOwnerDeletion?: boolean } = {},
): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  if (!apiVersion || !kind || !metadata.uid) throw new TypeError(`the owner "${metadata.name}" has no kind or no uid`);
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion };
}

/** The reference to the object that manages this one. */
export function controllerOf({
  metadata,
}: {
  metadata: Pick<ObjectMeta, 'ownerReferences'>;
}): OwnerReference | undefined {
  return metadata.ownerReferences?.find((reference) => reference.controller);
}

/** Whether this very owner (its uid, not one of the same name) manages the object. */
export function isControlledBy(
  object: { metadata: Pick<ObjectMeta, 'ownerReferences'> },
  owner: { metadata: Pick<ObjectMeta, 'uid'> },
): boolean {
  const { uid } = owner.metadata;
  return uid !== undefined && controllerOf(object)?.uid === uid;
}
