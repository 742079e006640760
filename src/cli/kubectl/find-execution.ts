import { nearest } from '../../api/suggest.ts';
import type { ScriptExecution } from '../../api/types.generated.ts';
import { SCRIPT_EXECUTIONS } from '../../cluster/resources.ts';
import type { Resource } from '../../kube/resource.ts';
import type { Cluster } from './cluster.ts';
import { ClusterError } from './cluster-error.ts';

const MAX_NAMES = 5;

/** Reads an execution. @throws ClusterError with the nearest names if there is none of this name */
export async function findExecution(cluster: Cluster, name: string): Promise<ScriptExecution> {
  const { client, namespace } = cluster;
  const plain = plainName(name);
  const found = await client.find(SCRIPT_EXECUTIONS, { name: plain, namespace });
  if (found !== undefined) return found;
  throw await notFound(cluster, SCRIPT_EXECUTIONS, plain);
}

/** A name as kubectl prints it may have the kind in front: `scriptexecution.copepod.dev/hello`. */
export const plainName = (name: string): string => name.replace(/^(sx|scriptexecutions?)(\.copepod\.dev)?\//, '');

/** The error for a missing object. Asks for the names that there are. */
async function notFound({ client, namespace }: Cluster, resource: Resource, name: string): Promise<ClusterError> {
  const names = (await client.listMetadata(resource, { namespace })).map((each) => each.name);
  return new ClusterError(`there is no ${resource.kind} "${name}" in namespace "${namespace}"`, namesHint(name, names));
}

/** What a name that does not exist may have meant. Pure. */
export function namesHint(name: string, names: readonly string[]): string {
  if (names.length === 0) return 'there are none in this namespace; -n names another';
  const near = nearest(name, names);
  if (near !== undefined) return `did you mean ${near}?`;
  const some = names.slice(0, MAX_NAMES).join(', ');
  return names.length > MAX_NAMES ? `there are ${names.length}: ${some}, …` : `there are: ${some}`;
}
