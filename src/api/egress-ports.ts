import type { EgressRule } from './types.generated.ts';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { https: 443, http: 80 };

/** Port of a URL, in which the default port of its scheme is left out. 0 for other schemes than http and https. */
export const portOf = ({ port, protocol }: URL): number =>
  port === '' ? (DEFAULT_PORTS[protocol.slice(0, -1)] ?? 0) : Number(port);

/** Ports that a rule opens, for one of its schemes or for all. Pure. */
export function portsOf({ ports = [], schemes }: EgressRule, scheme?: string): readonly number[] {
  if (ports.length > 0) return ports;
  return schemes.filter((each) => scheme === undefined || each === scheme).map((each) => DEFAULT_PORTS[each] ?? 0);
}
