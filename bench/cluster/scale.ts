import type { ObjectRef } from '../../src/kube/object.ts';
import { defineResource } from '../../src/kube/resource.ts';
import { DEPLOYMENTS } from '../../src/kube/resources.ts';
import type { Target } from './target.ts';

/** The subresource `scale` of a Deployment. */
interface Scale {
  metadata: { name: string; namespace?: string; resourceVersion?: string };
  spec: { replicas: number };
}

const SCALES = defineResource<Scale>('apps/v1', 'Deployment', DEPLOYMENTS.plural);

/** Sets the replicas of a Deployment; does not wait for its pods. */
export async function scaleDeployment({ client }: Target, ref: ObjectRef, replicas: number): Promise<void> {
  const scale = await client.get(SCALES, ref, { subresource: 'scale' });
  // Without resourceVersion: concurrent changes of the Deployment are no conflict.
  const { resourceVersion: _, ...metadata } = scale.metadata;
  await client.replace(SCALES, { ...scale, metadata, spec: { replicas } }, { subresource: 'scale' });
}
