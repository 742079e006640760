import { BlockList, isIP } from 'node:net';

/** `::ffff:0:0/96`: IPv4 addresses in IPv6 form. */
const MAPPED = new BlockList();
MAPPED.addSubnet('::ffff:0:0', 96, 'ipv6');

/** Whether a text is an IP address as Kubernetes' CEL library reads one: no zone, and no IPv4-mapped IPv6 address. */
export function isAddress(text: string): boolean {
  const version = isIP(text);
  return version === 4 || (version === 6 && !text.includes('%') && !MAPPED.check(text, 'ipv6'));
}

/** Whether a text is a CIDR as Kubernetes' CEL library reads one: an address, and the length of its prefix. */
export function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  return (
    rest.length === 0 &&
    isAddress(address) &&
    /^(0|[1-9]\d{0,2})$/.test(bits) &&
    Number(bits) <= (isIP(address) === 4 ? 32 : 128)
  );
}

/** Whether an address is in one of these IP addresses and CIDRs. An IPv4-mapped IPv6 address is the IPv4 address it maps. */
export function addressSet(entries: readonly string[]): (address: string) => boolean {
  // A list for each: to a BlockList an IPv4 address is also the IPv6 address that maps it.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) lists[family].addAddress(address, family);
    else lists[family].addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const version = isIP(address);
    if (version === 4) return lists.ipv4.check(address, 'ipv4');
    if (version !== 6 || address.includes('%')) return false;
    return lists.ipv6.check(address, 'ipv6') || lists.ipv4.check(address, 'ipv6');
  };
}
