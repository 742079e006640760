import type { KubeObject, ObjectMeta, OwnerReference } from './object.ts';

/**
 * The owner reference of a child's controller: the garbage collector deletes the child with its owner, and no other
 * controller manages it. With `blockOwnerDeletion`, foreground deletion of the owner waits for the child (an admission
 * plugin may then require the right to update the owner's finalizers). Throws if the owner was not read from the API
 * server, which is a bug.
 */
export function controllerReference(
  owner: KubeObject,
  { blockOwnerDeletion = true }: { blockOwnerDeletion?: boolean } = {},
): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  if (!apiVersion || !kind || !metadata.uid) throw new TypeError(`the owner "${metadata.name}" has no kind or no uid`);
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion };
}

/** The owner reference of the controller that manages this object. */
export function controllerOf({
  metadata,
}: {
  metadata: Pick<ObjectMeta, 'ownerReferences'>;
}): OwnerReference | undefined {
  return metadata.ownerReferences?.find((reference) => reference.controller);
}

/** Whether this owner (by uid, not name) manages the object. */
export function isControlledBy(
  object: { metadata: Pick<ObjectMeta, 'ownerReferences'> },
  owner: { metadata: Pick<ObjectMeta, 'uid'> },
): boolean {
  const { uid } = owner.metadata;
  return uid !== undefined && controllerOf(object)?.uid === uid;
}
