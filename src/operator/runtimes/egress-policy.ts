import { isIP } from 'node:net';
import { GUARDED_ADDRESSES } from '../../api/address-class.ts';
import { portsOf } from '../../api/egress-ports.ts';
import type { EgressRule } from '../../api/types.generated.ts';

/** A rule of a NetworkPolicy's `spec.egress`. */
interface Peers {
  readonly to: readonly object[];
  readonly ports: readonly object[];
}

const ALL = { ipv4: '0.0.0.0/0', ipv6: '::/0' };
const DNS_PORTS = [
  { port: 53, protocol: 'UDP' },
  { port: 53, protocol: 'TCP' },
];
/** The cluster's DNS, as kubeadm and the large providers label it, and the address of NodeLocal DNSCache. */
const DNS_PEERS = [
  {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
    podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
  },
  { ipBlock: { cidr: '169.254.20.10/32' } },
];

/**
 * What the NetworkPolicy of a runtime's pods can say of its egress rules: addresses and ports. A name may have any public
 * address, so one name opens all of these at its ports; the pod itself, which knows names, methods and paths, judges each
 * request. Pure.
 */
export function egressPeers(rules: readonly EgressRule[]): readonly Peers[] {
  const named = rules.flatMap((rule): Peers[] => {
    const to = blocksOf(rule);
    return to.length === 0 ? [] : [{ to, ports: portsOf(rule).map((port) => ({ port, protocol: 'TCP' })) }];
  });
  const hasNames = rules.some(({ hosts }) => hosts.some((host) => !isBlock(host)));
  return hasNames ? [{ to: DNS_PEERS, ports: DNS_PORTS }, ...named] : named;
}

function blocksOf({ hosts }: EgressRule): object[] {
  const named = hosts.filter(isBlock).map((host) => ({ ipBlock: { cidr: cidrOf(host) } }));
  return hosts.every(isBlock) ? named : [publicAddresses(4), publicAddresses(6), ...named];
}

const isBlock = (host: string): boolean => host.includes('/') || isIP(host) !== 0;

/** The API server takes a CIDR whose host bits are set, and so does this. */
const cidrOf = (host: string): string => (host.includes('/') ? host : `${host}/${isIP(host) === 4 ? 32 : 128}`);

function publicAddresses(version: 4 | 6): object {
  // No packet has an IPv4-mapped address.
  const except = Object.values(GUARDED_ADDRESSES)
    .flat()
    .filter((cidr) => cidr.includes(':') === (version === 6) && !cidr.startsWith('::ffff:'));
  return { ipBlock: { cidr: version === 4 ? ALL.ipv4 : ALL.ipv6, except } };
}
