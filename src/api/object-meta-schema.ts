import type { Schema } from './crd.ts';

const TEXT: Schema = { type: 'string', nullable: true };
const FLAG: Schema = { type: 'boolean', nullable: true };
const NUMBER: Schema = { type: 'integer', format: 'int64', nullable: true };
const TEXTS: Schema = { type: 'object', nullable: true, additionalProperties: TEXT };

const OWNER_REFERENCE: Schema = {
  type: 'object',
  nullable: true,
  properties: { apiVersion: TEXT, kind: TEXT, name: TEXT, uid: TEXT, controller: FLAG, blockOwnerDeletion: FLAG },
};

const MANAGED_FIELDS: Schema = {
  type: 'object',
  properties: {
    manager: TEXT,
    operation: TEXT,
    apiVersion: TEXT,
    time: TEXT,
    fieldsType: TEXT,
    fieldsV1: { 'x-kubernetes-preserve-unknown-fields': true },
    subresource: TEXT,
  },
};

/** The types of metav1.ObjectMeta's fields. What they may hold besides is checked by metadata.ts. */
export const OBJECT_META: Schema = {
  type: 'object',
  properties: {
    name: TEXT,
    generateName: TEXT,
    namespace: TEXT,
    labels: TEXTS,
    annotations: TEXTS,
    uid: TEXT,
    resourceVersion: TEXT,
    generation: NUMBER,
    creationTimestamp: TEXT,
    deletionTimestamp: TEXT,
    deletionGracePeriodSeconds: NUMBER,
    selfLink: TEXT,
    ownerReferences: { type: 'array', nullable: true, items: OWNER_REFERENCE },
    finalizers: { type: 'array', nullable: true, items: TEXT },
    managedFields: { type: 'array', nullable: true, items: MANAGED_FIELDS },
  },
};
