import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { addressSet } from '../../api/ip-address.ts';

/**
 * Addresses of this machine's networks and of the cluster's API server, whatever their range. In a pod, the network of its
 * interface is that of its neighbours.
 */
export function ownAddresses(env: Readonly<Record<string, string | undefined>>): (address: string) => boolean {
  const networks = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .flatMap(({ cidr, address }) => [cidr ?? address])
    .map((cidr) => cidr.replace(/%[^/]*/, ''));
  const apiServer = env.KUBERNETES_SERVICE_HOST ?? '';
  return addressSet([...networks, ...(isIP(apiServer) === 0 ? [] : [apiServer])]);
}
