import { isIP } from 'node:net';
import { addressSet } from './ip-address.ts';

/**
 * Addresses that a host name does not lead to unless a rule names them: all that IANA's registries of special-purpose
 * addresses do not call globally reachable, those that stand for another address, and those of metadata services. The first
 * class that contains an address is its class.
 *
 * https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
 */
export const GUARDED_ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  // Link-local, shared and unique-local ones of AWS and GCP, Alibaba Cloud, Oracle Cloud, AWS on IPv6; Azure's is public.
  'a metadata service': [
    '169.254.169.254/32',
    '169.254.170.2/32',
    '100.100.100.200/32',
    '192.0.0.192/32',
    '168.63.129.16/32',
    'fd00:ec2::254/128',
    'fd20:ce::254/128',
  ],
  loopback: ['127.0.0.0/8', '::1/128'],
  unspecified: ['0.0.0.0/8', '::/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fec0::/10'],
  'shared (carrier-grade NAT)': ['100.64.0.0/10'],
  'link-local': ['169.254.0.0/16', 'fe80::/10'],
  multicast: ['224.0.0.0/4', 'ff00::/8'],
  broadcast: ['255.255.255.255/32'],
  'IPv4 in IPv6 form': [
    '::ffff:0:0/96',
    '::/96',
    '::ffff:0:0:0/96',
    '64:ff9b::/96',
    '64:ff9b:1::/48',
    '2002::/16',
    '2001::/32',
  ],
  'reserved for special purposes': [
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.31.196.0/24',
    '192.52.193.0/24',
    '192.88.99.0/24',
    '192.175.48.0/24',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '240.0.0.0/4',
    '100::/64',
    '100:0:0:1::/64',
    '2001::/23',
    '2001:db8::/32',
    '2620:4f:8000::/48',
    '3fff::/20',
    '5f00::/16',
  ],
};

const makeSets = () => ({
  classes: Object.entries(GUARDED_ADDRESSES).map(([name, cidrs]) => ({ name, contains: addressSet(cidrs) })),
  isGlobalUnicast6: addressSet(['2000::/3']),
});

/** Made for the first address: most programs ask for none, and it takes a while. */
let sets: ReturnType<typeof makeSets> | undefined;

/**
 * The class of an address that only a rule with its IP or CIDR opens; undefined for a public address. Pure.
 * @param own addresses of this machine and of the cluster, which may be public ones
 */
export function guardedClass(address: string, own: (address: string) => boolean = () => false): string | undefined {
  const version = isIP(address);
  if (version === 0 || address.includes('%')) return 'no IP address';
  sets ??= makeSets();
  for (const { name, contains } of sets.classes) if (contains(address)) return name;
  if (own(address)) return "of this machine or the cluster's";
  if (version === 6 && !sets.isGlobalUnicast6(address)) return 'reserved for special purposes';
  return undefined;
}
