import { isHttpMethod } from '../../api/http-methods.ts';
import type { Attributes } from '../../api/span.ts';
import type { RequestRecord } from '../http/observer.ts';
import type { RequestSpan } from './request-span.ts';

const EXECUTE = '/apis/copepod.dev/v1alpha1/namespaces/{namespace}/scriptruntimes/{name}/execute';

/**
 * Ends the span of a request, named and described as OpenTelemetry's conventions for HTTP servers say.
 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/
 */
export function endServerSpan(span: RequestSpan, record: RequestRecord): void {
  const { method, code } = record;
  const route = routeOf(record);
  const known = isHttpMethod(method) ? method : 'HTTP';
  span.end({
    name: route === undefined ? known : `${known} ${route}`,
    kind: 'Server',
    attributes: serverAttributes(record, route),
    error: code >= 500 ? '' : undefined,
  });
}

/** Pure. */
export function serverAttributes(record: RequestRecord, route: string | undefined): Attributes {
  const { requestID, method, path, code, reason, namespace, runtime, endpoint } = record;
  return {
    'http.request.method': isHttpMethod(method) ? method : '_OTHER',
    'url.path': path.slice(0, MAX_PATH),
    'url.scheme': 'http',
    'http.response.status_code': code,
    'copepod.request.id': requestID,
    ...(route === undefined ? {} : { 'http.route': route }),
    ...(reason === undefined ? {} : { 'copepod.reason': reason }),
    ...(namespace === undefined ? {} : { 'k8s.namespace.name': namespace }),
    ...(runtime === undefined ? {} : { 'copepod.runtime.name': runtime }),
    ...(endpoint === undefined ? {} : { 'copepod.endpoint.name': endpoint }),
    ...(code >= 500 ? { 'error.type': String(code) } : {}),
  };
}

const MAX_PATH = 1024;

/** As many as there are kinds of paths, and endpoints: no client can make another. */
function routeOf({ path, namespace, runtime, endpoint }: RequestRecord): string | undefined {
  if (endpoint !== undefined) return `/${namespace}/${endpoint}`;
  if (runtime === undefined) return undefined;
  return path.startsWith('/mcp/') ? '/mcp/{namespace}/{name}' : EXECUTE;
}
