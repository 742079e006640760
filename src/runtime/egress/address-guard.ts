import { guardedClass } from '../../api/address-class.ts';
import { RefusedError } from './fetch-error.ts';
import { addressOf } from './host-pattern.ts';
import type { ReadRule } from './rules.ts';

/** Finds the addresses of a host name. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/** Whether an address is of this machine's networks or the cluster's. */
export type IsOwn = (address: string) => boolean;

/** Judges an address of a host, which is a name or the address itself. @throws RefusedError if only a rule that names the address would allow it, and this one does not */
export function assertAllowed(rule: ReadRule, hostname: string, address: string, own: IsOwn): void {
  const guarded = guardedClass(address, own);
  if (guarded === undefined || rule.hosts.names(address)) return;
  const what =
    addressOf(hostname) === undefined ? `${hostname} has an address that is` : `${hostname} is an address that is`;
  throw new RefusedError(`${what} ${guarded}: rule ${rule.name} must also name it by IP or CIDR; see spec.egress`);
}

/** The addresses of a name that the rule allows. @throws RefusedError if there is none; what the resolver throws */
export async function allowedAddresses(
  rule: ReadRule,
  hostname: string,
  { resolve, own }: { readonly resolve: Resolve; readonly own: IsOwn },
): Promise<readonly string[]> {
  const addresses = await resolve(hostname);
  const allowed = addresses.filter((address) => guardedClass(address, own) === undefined || rule.hosts.names(address));
  const [refused] = addresses;
  if (allowed.length === 0 && refused !== undefined) assertAllowed(rule, hostname, refused, own);
  if (allowed.length === 0) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
  return allowed;
}
