import { readFileSync } from 'node:fs';

/** One request to the API server, as its audit log tells it. */
export interface AuditedRequest {
  verb: string;
  /** `pods`, `pods/log`, or the path of what is no resource. */
  resource: string;
  namespace?: string;
  /** Of the object; none where it is about many, or one that is yet to be made. */
  name?: string;
  user: string;
  /** HTTP status. */
  code: number;
  /** When the API server received it. */
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

/** The requests in an audit log (one JSON event a line); a line still being written is left out. */
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

/** How many requests there were of each verb, resource and user, most first. */
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
