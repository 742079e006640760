import { kubectlApply } from './kubectl.ts';

/** Applies a ScriptExecution, named `traced`, that goes on with a caller's trace. */
export const applyTraced = (namespace: string, traceparent: string, source: string): Promise<void> =>
  kubectlApply({
    apiVersion: 'copepod.dev/v1alpha1',
    kind: 'ScriptExecution',
    metadata: { name: 'traced', namespace, annotations: { 'copepod.dev/traceparent': traceparent } },
    spec: { runtimeRef: { name: 'default' }, source },
  });
