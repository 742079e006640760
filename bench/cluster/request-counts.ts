/** Number of requests by key: `update scriptexecutions/status`, followed by the code for a refusal. */
export type RequestCounts = ReadonlyMap<string, number>;

/** The API server's metrics name verbs by HTTP method, unlike RBAC and the audit log. */
const VERBS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', APPLY: 'patch' };

/** The key of a request. */
export function requestKey(verb: string, resource: string, code: string): string {
  const word = VERBS[verb] ?? verb.toLowerCase();
  return `${word} ${resource}${code.startsWith('2') ? '' : ` (${code})`}`;
}

/** Parses `apiserver_request_total` from an API server's metrics, resource requests only. */
export function parseRequestTotals(metrics: string): RequestCounts {
  const counts = new Map<string, number>();
  for (const [, labels = '', value] of metrics.matchAll(/^apiserver_request_total\{(.*)\} (\S+)$/gm)) {
    const of = Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, text]) => [name, text]));
    if (!of.resource) continue;
    const resource = of.subresource ? `${of.resource}/${of.subresource}` : of.resource;
    const key = requestKey(of.verb ?? '', resource, of.code ?? '');
    counts.set(key, (counts.get(key) ?? 0) + Number(value));
  }
  return counts;
}

/** The increase of each count; unchanged counts are left out. */
export function countsSince(before: RequestCounts, after: RequestCounts): RequestCounts {
  const grown = [...after].map(([key, count]) => [key, count - (before.get(key) ?? 0)] as const);
  return new Map(grown.filter(([, count]) => count > 0));
}
