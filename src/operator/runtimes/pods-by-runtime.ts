/** Index of the pods' cache: the key of the ScriptRuntime that a pod belongs to. */
export const PODS_BY_RUNTIME = 'runtime';
