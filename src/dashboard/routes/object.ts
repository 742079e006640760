import type { KubeClient } from '../../kube/client.ts';
import { type KubeObject, type ObjectRef, withoutManagedFields } from '../../kube/object.ts';
import type { Kind } from '../messages.ts';
import { kindIn, RESOURCES } from './kind.ts';
import { nameIn, type Route } from './route.ts';

/** The object that a path names: `KIND/NAMESPACE/NAME`. @throws Refusal */
export function refIn([kind, namespace, name]: readonly string[]): { readonly kind: Kind; readonly ref: ObjectRef } {
  return { kind: kindIn(kind), ref: { namespace: nameIn(namespace, 'namespace'), name: nameIn(name, 'name') } };
}

/** Reads an object of one of the kinds. */
export async function readObject(client: KubeClient, kind: Kind, ref: ObjectRef, signal: AbortSignal) {
  const object: KubeObject = await client.get<KubeObject>(RESOURCES[kind], ref, { signal });
  return withoutManagedFields(object);
}

/** `GET /api/objects/KIND/NAMESPACE/NAME`. */
export const objectRoute: Route = async ({ client, path, signal }) => {
  const { kind, ref } = refIn(path);
  return await readObject(client, kind, ref, signal);
};
