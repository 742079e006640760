import type { EgressHeader, SecretKeyReference } from '../../api/types.generated.ts';
import { FetchError } from './fetch-error.ts';
import { type HeaderList, isHeaderValue } from './headers.ts';
import type { ReadRule } from './rules.ts';

/** Reads a key of a Secret as it is now; undefined where there is none. */
export type ReadSecret = (ref: SecretKeyReference) => string | undefined;

/** Headers that a rule adds to a request. @throws FetchError if a Secret has no such key, or its value is no header value */
export function injectedHeaders({ rule, name }: ReadRule, secret: ReadSecret): HeaderList {
  return (rule.headers ?? []).map((header) => [header.name, headerValue(header, name, secret)]);
}

function headerValue({ name: header, value, valueFrom }: EgressHeader, rule: string, secret: ReadSecret): string {
  if (valueFrom === undefined) return value ?? '';
  const { prefix = '', secretKeyRef } = valueFrom;
  const where = `header ${header} of egress rule ${rule}: key ${secretKeyRef.key} of Secret ${secretKeyRef.name}`;
  // A file that was made with an editor or `echo` ends with a line break, which belongs to no credential.
  const read = secret(secretKeyRef)?.replace(/[\r\n]+$/, '');
  if (read === undefined) throw new FetchError(`${where} does not exist`);
  if (!isHeaderValue(read)) throw new FetchError(`${where} holds characters that a header cannot have`);
  return prefix + read;
}
