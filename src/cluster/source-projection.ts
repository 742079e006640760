import type { KubeObject } from '../kube/object.ts';
import type { ConfigMap } from '../kube/resources.ts';

/** The cached fields of a ConfigMap with scripts: its keys. The text is read when a run starts. */
export interface SourceProjection extends KubeObject {
  readonly keys: ReadonlySet<string>;
  /** Keys of `binaryData`, which contains no scripts: for the error of an execution that refers to one. */
  readonly binaryKeys: ReadonlySet<string>;
}

/** Projects a ConfigMap. */
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
