import { isIP } from 'node:net';
import { addressSet } from '../../api/ip-address.ts';

/** What the `hosts` of a rule say: names by text, addresses by their bits. */
export interface HostPatterns {
  /** Whether the host of a URL, as the URL parser gives it, is one of the names or addresses. */
  matches(hostname: string): boolean;
  /** Whether an entry names an address by IP or CIDR. */
  names(address: string): boolean;
}

const isAddressEntry = (entry: string): boolean => entry.includes('/') || isIP(entry) !== 0;

/** Reads the `hosts` of a rule. A wildcard stands for one or more labels. Pure. */
export function hostPatterns(hosts: readonly string[]): HostPatterns {
  const names = addressSet(hosts.filter(isAddressEntry));
  const exact = new Set(hosts.filter((host) => !isAddressEntry(host) && !host.startsWith('*')));
  const suffixes = hosts.filter((host) => host.startsWith('*.')).map((host) => host.slice(1));
  const isAny = hosts.includes('*');
  return {
    names,
    matches(hostname) {
      const address = addressOf(hostname);
      if (address !== undefined) return isAny || names(address);
      return isAny || exact.has(hostname) || suffixes.some((suffix) => hostname.endsWith(suffix));
    },
  };
}

/** The IP address that the host of a URL is, without the brackets of IPv6; undefined for a name. */
export function addressOf(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return isIP(bare) === 0 ? undefined : bare;
}
