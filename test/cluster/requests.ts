/**
 * Prints the number of requests to the cluster's API server by verb, resource and user.
 *
 *   node test/cluster/requests.ts [SECONDS]     only the last SECONDS
 */
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countRequests, readAuditLog } from '../api-server/audit.ts';

const cluster = fileURLToPath(new URL('cluster.sh', import.meta.url));
const kubeconfig = execFileSync(cluster, ['kubeconfig'], { encoding: 'utf8' }).trim();
const sinceMs = process.argv[2] ? Date.now() - Number(process.argv[2]) * 1000 : 0;

const requests = readAuditLog(join(dirname(kubeconfig), 'logs/audit.log'));
for (const { count, verb, resource, user } of countRequests(
  requests.filter(({ receivedAt }) => receivedAt.getTime() >= sinceMs),
)) {
  console.log(`${String(count).padStart(8)}  ${verb.padEnd(8)} ${resource.padEnd(40)} ${user}`);
}
