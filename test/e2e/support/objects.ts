import type {
  Condition,
  ScriptExecution,
  ScriptExecutionSpec,
  ScriptRuntimeSpec,
} from '../../../src/api/types.generated.ts';

/** An object as it is applied. */
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

/** An object as the API server has it. */
export interface Found extends Manifest {
  readonly metadata: Manifest['metadata'] & {
    readonly uid: string;
    readonly generation?: number;
    readonly resourceVersion: string;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
  };
}

/** What is written of a spec: what is left out has its default. */
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

/** Whether its present run is over, and the operator has seen what the spec is now. */
export function hasEnded(object: ScriptExecution): boolean {
  const succeeded = conditionOf(object, 'Succeeded');
  return (
    succeeded !== undefined &&
    succeeded.status !== 'Unknown' &&
    object.status.observedGeneration === object.metadata.generation
  );
}
