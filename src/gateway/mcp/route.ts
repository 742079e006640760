import { isDnsLabel, isSubdomain } from '../../api/kubernetes-names.ts';
import { parametersOf, type Record, recordOf } from '../http/routes.ts';
import { Refusal } from '../refusal.ts';

/** Where an MCP server is: one for each ScriptRuntime. */
export interface McpRoute {
  readonly namespace: string;
  /** Name of the ScriptRuntime. */
  readonly runtime: string;
  /** Id of the tenant whose code it runs; undefined: the namespace. */
  readonly tenant: string | undefined;
  readonly record: Record;
}

const PATH = /^\/mcp\/([^/]+)\/([^/]+)\/?$/;

/** Finds what a request is for. Pure. @throws Refusal NotFound or BadRequest */
export function mcpRouteOf(target: string): McpRoute {
  const [path = '', query] = target.split('?', 2);
  const [, namespace = '', runtime = ''] = PATH.exec(path) ?? [];
  if (!isDnsLabel(namespace) || !isSubdomain(runtime)) {
    throw new Refusal('NotFound', 'no such path; MCP is at /mcp/NAMESPACE/NAME, where NAME is that of a ScriptRuntime');
  }
  const parameters = parametersOf(query, ['record', 'tenant']);
  return { namespace, runtime, tenant: parameters.get('tenant') ?? undefined, record: recordOf(parameters) };
}
