import { portOf, portsOf } from '../../api/egress-ports.ts';
import { isForTenant } from '../../api/for-tenant.ts';
import type { EgressRule } from '../../api/types.generated.ts';
import { type HostPatterns, hostPatterns } from './host-pattern.ts';
import { pathMatches } from './path-pattern.ts';

/** A rule, ready to be compared. */
export interface ReadRule {
  readonly rule: EgressRule;
  /** Name in metrics and in the audit log. */
  readonly name: string;
  readonly hosts: HostPatterns;
}

/** What a request asks for. */
export interface Asked {
  readonly url: URL;
  readonly method: string;
  /** `context.tenant.id` of the execution. */
  readonly tenant: string;
  /** Name of the entry of `spec.tools` that asks; undefined: `fetch` of a script. */
  readonly tool?: string | undefined;
}

/** The rule that applies, or why none does. */
export type RuleVerdict = { readonly rule: ReadRule } | { readonly refusal: string };

export const readRules = (rules: readonly EgressRule[]): readonly ReadRule[] =>
  rules.map((rule) => ({ rule, name: rule.name ?? rule.hosts[0] ?? '', hosts: hostPatterns(rule.hosts) }));

/** Finds the first rule that allows a request. Says of none what the rule that comes closest does not allow. Pure. */
export function matchRule(rules: readonly ReadRule[], asked: Asked): RuleVerdict {
  const { url, method } = asked;
  let closest: Difference = {
    depth: 0,
    refusal: `no egress rule allows ${url.hostname}:${portOf(url)}; see spec.egress`,
  };
  for (const rule of rules) {
    const difference = differenceOf(rule, asked);
    if (difference === undefined) return { rule };
    if (difference.depth > closest.depth) closest = difference;
  }
  if (!['https:', 'http:'].includes(url.protocol))
    return { refusal: `URL scheme "${url.protocol.slice(0, -1)}" is not supported` };
  return closest.depth === 0
    ? closest
    : { refusal: `no egress rule allows ${method} ${url.origin}${url.pathname}: ${closest.refusal}; see spec.egress` };
}

/** What a rule does not allow, and how many aspects it had allowed before. */
interface Difference {
  readonly depth: number;
  readonly refusal: string;
}

function differenceOf({ rule, name, hosts }: ReadRule, { url, method, tenant, tool }: Asked): Difference | undefined {
  const { methods = [], paths = [], schemes } = rule;
  const differs = (depth: number, allowed: string): Difference => ({
    depth,
    refusal: `rule ${name} allows ${allowed}`,
  });
  // Of a rule for others a tenant learns nothing.
  if (!isFor(rule, tenant, tool) || !hosts.matches(url.hostname)) return { depth: 0, refusal: '' };
  const scheme = url.protocol.slice(0, -1);
  if (!(schemes as readonly string[]).includes(scheme)) return differs(1, `${schemes.join(' and ')} only`);
  const ports = portsOf(rule, scheme);
  if (!ports.includes(portOf(url)))
    return differs(2, ports.length === 1 ? `port ${ports[0]} only` : `ports ${ports.join(', ')}`);
  if (methods.length > 0 && !methods.includes(method)) return differs(3, methods.join(', '));
  return pathMatches(paths, url.pathname) ? undefined : differs(4, paths.join(', '));
}

/** Whether a rule is for requests of a tenant and of a tool; undefined: of `fetch`. Pure. */
export function isFor(rule: EgressRule, tenant: string, tool: string | undefined): boolean {
  const { tools = [] } = rule;
  return isForTenant(rule, tenant) && (tools.length === 0 || (tool !== undefined && tools.includes(tool)));
}
