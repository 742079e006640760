import type { KubeObject } from '../../../../src/kube/object.ts';
import { defineResource } from '../../../../src/kube/resource.ts';
import type { KubeObject as TestObject } from '../../../api-server/client.ts';

/** A custom resource with arbitrary content. */
export interface Thing extends KubeObject {
  spec?: { value?: unknown };
  status?: Record<string, unknown>;
}

export const THINGS = defineResource<Thing>('kube.test/v1', 'Thing', 'things');

const names = { kind: 'Thing', plural: 'things', singular: 'thing', listKind: 'ThingList' };
const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

export const THING_DEFINITION: TestObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.kube.test' },
  spec: {
    group: 'kube.test',
    names,
    scope: 'Namespaced',
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: anything, status: anything } } },
      },
    ],
  },
};
