import { Resolver } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { guardedClass } from '../../api/address-class.ts';

/** Of one question to a name server, and how often it is sent. */
const QUESTION = { timeout: 2000, tries: 2 };

/** What asks name servers. */
export type Names = Pick<Resolver, 'resolve4' | 'resolve6'>;

/**
 * Gives the public addresses of a host. It asks name servers itself: the lookup of the system holds one of the few threads of
 * this process until they answer, so names whose servers never do would stop all that needs a thread.
 */
export function publicLookup(names: () => Names = () => new Resolver(QUESTION)): LookupFunction {
  return (host, { all }, done) => {
    void (async () => {
      try {
        const [first, ...others] = await publicAddresses(host, names());
        if (first === undefined) throw new Error(`${host} has no public address`);
        if (all === true) done(null, [first, ...others]);
        else done(null, first.address, first.family);
      } catch (error) {
        done(error as Error, '', 0);
      }
    })();
  };
}

/** @throws Error where no name server knows the host in any family */
async function publicAddresses(host: string, names: Names): Promise<{ address: string; family: number }[]> {
  const [four, six] = await Promise.allSettled([names.resolve4(host), names.resolve6(host)]);
  if (four.status === 'rejected' && six.status === 'rejected') throw four.reason;
  const found = [
    ...(four.status === 'rejected' ? [] : four.value.map((address) => ({ address, family: 4 }))),
    ...(six.status === 'rejected' ? [] : six.value.map((address) => ({ address, family: 6 }))),
  ];
  return found.filter(({ address }) => guardedClass(address) === undefined);
}
