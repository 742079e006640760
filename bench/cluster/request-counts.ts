/** How often something was asked for: `update scriptexecutions/status`, and behind it the code where that is a refusal. */
export type RequestCounts = ReadonlyMap<string, number>;

/** The API server's metrics call verbs by their HTTP method; RBAC, audit log and people do not. */
const VERBS: Readonly<Record<string, string>> = { POST: 'create', PUT: 'update', APPLY: 'patch' };

/** What a request is counted under. */
export function requestKey(verb: string, resource: string, code: string): string {
  const word = VERBS[verb] ?? verb.toLowerCase();
  return `${word} ${resource}${code.startsWith('2') ? '' : ` (${code})`}`;
}

/** The counts of `apiserver_request_total`, of requests for resources only, in the text of an API server's metrics. */
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

/** What has been added; what has not grown is left out. */
export function countsSince(before: RequestCounts, after: RequestCounts): RequestCounts {
  const grown = [...after].map(([key, count]) => [key, count - (before.get(key) ?? 0)] as const);
  return new Map(grown.filter(([, count]) => count > 0));
}
