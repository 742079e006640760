import type { KubeObject } from '../kube/object.ts';
import type { ConfigMap } from '../kube/resources.ts';

/** What the operator keeps of a ConfigMap with scripts: their names. A text is read when a run starts. */
export interface SourceProjection extends KubeObject {
  readonly keys: ReadonlySet<string>;
  /** Keys of `binaryData`, which holds no scripts: named where an execution asks for one. */
  readonly binaryKeys: ReadonlySet<string>;
}

/** Takes from a ConfigMap what is kept of it. */
export function projectSource({ metadata, data = {}, binaryData = {} }: ConfigMap): SourceProjection {
  const { name, namespace, uid, resourceVersion } = metadata;
  return {
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    keys: new Set(Object.keys(data)),
    binaryKeys: new Set(Object.keys(binaryData)),
  };
}
