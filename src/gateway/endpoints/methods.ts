import type { ScriptEndpointSpec } from '../../api/types.generated.ts';

/** Methods that no endpoint serves: they are of proxies, or show what a proxy sent. */
const NEVER: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);

/** The methods that an endpoint serves; undefined: all that are usual. GET allows HEAD. Pure. */
export function servedMethods({ methods }: Pick<ScriptEndpointSpec, 'methods'>): readonly string[] | undefined {
  if (methods === undefined) return undefined;
  return methods.includes('GET') && !methods.includes('HEAD') ? [...methods, 'HEAD'] : methods;
}

/** Whether an endpoint serves a method. Pure. */
export function servesMethod(spec: Pick<ScriptEndpointSpec, 'methods'>, method: string): boolean {
  return !NEVER.has(method) && (servedMethods(spec)?.includes(method) ?? true);
}
