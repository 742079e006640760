import { isIP } from 'node:net';
import { GUARDED_ADDRESSES } from '../../api/address-class.ts';
import { portsOf } from '../../api/egress-ports.ts';
import type { EgressRule } from '../../api/types.generated.ts';

/** A rule of a NetworkPolicy's `spec.egress`. */
interface Peers {
  /** Left out: all addresses. */
  readonly to?: readonly object[];
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
 * @param proxies variables that name the proxies of the pods, which are opened too: at an address, or at a port of all addresses
 */
export function egressPeers(
  rules: readonly EgressRule[],
  proxies: Readonly<Record<string, string>> = {},
): readonly Peers[] {
  const named = rules.flatMap((rule): Peers[] => {
    const to = blocksOf(rule);
    return to.length === 0 ? [] : [{ to, ports: portsOf(rule).map((port) => ({ port, protocol: 'TCP' })) }];
  });
  if (rules.length === 0) return named;
  const { HTTPS_PROXY, HTTP_PROXY } = proxies;
  const urls = [...new Set([HTTPS_PROXY, HTTP_PROXY])].filter((url) => url !== undefined).map((url) => new URL(url));
  const hasNames = rules.some(({ hosts }) => hosts.some((host) => !isBlock(host)));
  const resolves = hasNames || urls.some((url) => addressOf(url) === undefined);
  return [...(resolves ? [{ to: DNS_PEERS, ports: DNS_PORTS }] : []), ...named, ...urls.map(proxyPeers)];
}

/** A policy knows no names: a proxy with one may have any address. */
function proxyPeers(url: URL): Peers {
  const address = addressOf(url);
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const to = address === undefined ? {} : { to: [{ ipBlock: { cidr: cidrOf(address) } }] };
  return { ...to, ports: [{ port, protocol: 'TCP' }] };
}

function addressOf({ hostname }: URL): string | undefined {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? undefined : host;
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
