import { readCrd } from './crd-file.ts';
import type { JsonValue } from './json.ts';

/** API group and version of the kinds in crds/. */
export const API_VERSION = 'copepod.dev/v1alpha1';

/** The kinds in crds/. */
export const KINDS = ['ScriptRuntime', 'ScriptExecution', 'ScriptSchedule', 'ScriptEndpoint'] as const;

/** A kind in crds/. */
export type Kind = (typeof KINDS)[number];

/** A CEL rule of `x-kubernetes-validations`. */
export interface CelRule {
  readonly rule: string;
  readonly message?: string;
  /** Field the error is reported for, relative to the rule's field, for example `.replicas`. */
  readonly fieldPath?: string;
  /** `oldSelf` is an optional, without a value where there is no object before; else such a rule is of changes alone. */
  readonly optionalOldSelf?: boolean;
}

/** The subset of OpenAPI v3 used by the structural schemas in crds/. */
export interface Schema {
  readonly description?: string;
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly format?: string;
  readonly nullable?: boolean;
  readonly default?: JsonValue;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly JsonValue[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-validations'?: readonly CelRule[];
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'map' | 'set';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
}

/** The fields of a CustomResourceDefinition that are read. */
export interface Crd {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: {
      readonly kind: Kind;
      readonly plural: string;
      readonly shortNames: readonly string[];
    };
    readonly versions: readonly [
      {
        readonly name: string;
        readonly additionalPrinterColumns: readonly {
          readonly name: string;
          readonly jsonPath: string;
          readonly description: string;
          readonly priority?: number;
        }[];
        readonly schema: { readonly openAPIV3Schema: Schema };
      },
    ];
  };
}

const cache = new Map<Kind, Crd>();

/** A kind's CRD, read once. */
export function loadCrd(kind: Kind): Crd {
  const known = cache.get(kind);
  if (known !== undefined) return known;
  const crd = readCrd<Crd>(kind);
  cache.set(kind, crd);
  return crd;
}

/** The schema of a kind. */
export function schemaOf(kind: Kind): Schema {
  return loadCrd(kind).spec.versions[0].schema.openAPIV3Schema;
}
