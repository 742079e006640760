import type {
  Condition,
  ScriptExecution,
  ScriptExecutionSpec,
  ScriptRuntimeSpec,
} from '../../../src/api/types.generated.ts';

/** An object as applied. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** An object as stored by the API server. */
export interface Found extends Manifest {
  readonly metadata: Manifest['metadata'] & {
    readonly uid: string;
    readonly generation?: number;
    readonly resourceVersion: string;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
  };
}

/** A spec as written by its author: omitted fields have defaults. */
export type Written<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Written<T[K]> }
    : T;
export type ExecutionSpec = Written<ScriptExecutionSpec>;
export type RuntimeSpec = Written<ScriptRuntimeSpec>;

const apiVersion = 'copepod.dev/v1alpha1';

export const execution = (name: string, spec: ExecutionSpec): Manifest => ({
  apiVersion,
  kind: 'ScriptExecution',
  metadata: { name },
  spec,
});

export const runtime = (name: string, spec: RuntimeSpec): Manifest => ({
  apiVersion,
  kind: 'ScriptRuntime',
  metadata: { name },
  spec,
});

export const configMap = (
  name: string,
  data: Readonly<Record<string, string>>,
  labels: Readonly<Record<string, string>> = { 'copepod.dev/source': 'true' },
): Manifest => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data });

/** A condition of an object. */
export function conditionOf(
  { status }: { readonly status?: { readonly conditions?: readonly Condition[] } },
  type: string,
): Condition | undefined {
  return status?.conditions?.find((each) => each.type === type);
}

/** Reason of the condition `Succeeded`. */
export const reasonOf = (object: ScriptExecution): string | undefined => conditionOf(object, 'Succeeded')?.reason;

/** Whether the current run is finished and the operator has observed the current spec. */
export function hasEnded(object: ScriptExecution): boolean {
  const succeeded = conditionOf(object, 'Succeeded');
  return (
    succeeded !== undefined &&
    succeeded.status !== 'Unknown' &&
    object.status.observedGeneration === object.metadata.generation
  );
}
