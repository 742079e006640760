import { readFileSync } from 'node:fs';

/** One request of the API server's audit log. */
export interface AuditedRequest {
  verb: string;
  /** `pods`, `pods/log`, or the path for a non-resource request. */
  resource: string;
  namespace?: string;
  /** Name of the object; absent for collections and creates. */
  name?: string;
  user: string;
  /** HTTP status. */
  code: number;
  /** Time when the API server received the request. */
  receivedAt: Date;
}

interface AuditEvent {
  verb: string;
  requestURI: string;
  requestReceivedTimestamp: string;
  user: { username: string };
  objectRef?: { resource?: string; subresource?: string; namespace?: string; name?: string };
  responseStatus?: { code: number };
}

/** Parses an audit log (one JSON event a line); an incomplete last line is left out. */
export function readAuditLog(file: string): AuditedRequest[] {
  const text = readFileSync(file, 'utf8');
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter(Boolean).map((line) => auditedRequest(JSON.parse(line) as AuditEvent));
}

function auditedRequest({ verb, requestURI, user, objectRef, responseStatus, ...event }: AuditEvent): AuditedRequest {
  const { resource, subresource, namespace, name } = objectRef ?? {};
  const path = requestURI.split('?', 1)[0] ?? requestURI;
  return {
    verb,
    resource: resource ? [resource, subresource].filter(Boolean).join('/') : path,
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
    user: user.username,
    code: responseStatus?.code ?? 0,
    receivedAt: new Date(event.requestReceivedTimestamp),
  };
}

export interface RequestCount {
  count: number;
  verb: string;
  resource: string;
  user: string;
}

/** Counts requests by verb, resource and user, in descending order. */
export function countRequests(requests: AuditedRequest[]): RequestCount[] {
  const counts = new Map<string, RequestCount>();
  for (const { verb, resource, user } of requests) {
    const key = JSON.stringify([verb, resource, user]);
    const entry = counts.get(key) ?? { count: 0, verb, resource, user };
    entry.count += 1;
    counts.set(key, entry);
  }
  return [...counts.values()].sort((one, other) => other.count - one.count);
}
