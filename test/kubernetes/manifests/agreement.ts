import { isDeepStrictEqual } from 'node:util';
import { loadManifests } from '../../../src/api/manifest.ts';
import type { ManifestProblem } from '../../../src/api/origin.ts';
import { type DryRun, uniqueName } from '../support/kubectl.ts';

/** What docs/manifests.md lists as refused on purpose, although the cluster takes it. */
const REFUSED_ON_PURPOSE: readonly RegExp[] = [
  / reads as (true|false) in YAML$/,
  /^the key .* is there twice$/,
  / is there twice: also at /,
  /half of a character$/,
  /^kubectl drops what stands behind the end of a document$/,
  /lines that begin with % are not read$/,
  /^metadata\.namespace must be a string/,
  // What a schedule would start, and when, is checked now and not only then.
  /^spec\.(executionTemplate|schedule|timeZone)\b/,
  /^metadata\.managedFields\[0\] must be an object, not null$/,
  /^is nested more than \d+ levels deep$/,
];

/** A member that is null: by that word, with nothing behind its colon, or in braces without a colon that ends its key. */
const NULL_MEMBER = /null|~|:\s*[,}\n]|[,{]\s*([^:,{}"]|:(?=[^\s,{}"]))+[,}]/;

/** How validate and the cluster judge one text. */
export interface Comparison {
  readonly verdict: 'both take it' | 'both refuse it' | 'refused on purpose' | 'differs';
  /** For people, where it differs. */
  readonly difference: string;
}

/**
 * Compares what `copepod validate` makes of a text with what the cluster makes of it: the verdict, and where both take it
 * the objects that come of it. Nulls are no difference: `kubectl apply` drops them unless it is told `--server-side`.
 *
 * @param index of the text, which is in the names of its objects
 */
export function compare(text: string, index: number, theirs: DryRun): Comparison {
  const ours = loadManifests([{ file: 'f.yaml', text: text.replaceAll('NAME', uniqueName(index)) }]);
  const isTaken = ours.problems.length === 0 && ours.documents.length > 0;
  const isTakenThere = theirs.objects.length > 0;
  if (!isTaken && !isTakenThere) return { verdict: 'both refuse it', difference: '' };
  if (isTakenThere && !isTaken && ours.problems.every((problem) => isOnPurpose(problem, text))) {
    return { verdict: 'refused on purpose', difference: '' };
  }
  const mine = canonical(ours.documents.map(({ object }) => object));
  const other = canonical(theirs.objects);
  if (isTaken && isTakenThere && isDeepStrictEqual(mine, other)) return { verdict: 'both take it', difference: '' };
  const said = ours.problems.map(({ path, message }) => `${path} ${message}`);
  const difference = [
    JSON.stringify(text),
    `  copepod: ${isTaken ? JSON.stringify(mine) : said.join('; ')}`,
    `  kubectl: ${isTakenThere ? JSON.stringify(other) : theirs.error}`,
  ].join('\n');
  return { verdict: 'differs', difference };
}

function isOnPurpose({ path, message }: ManifestProblem, text: string): boolean {
  // A field that is unknown and null is dropped by kubectl before the API server sees it.
  if (message === 'unknown field') return NULL_MEMBER.test(text);
  const plainPath = path.replace(/^items\[\d+\]\.?/, '');
  return REFUSED_ON_PURPOSE.some((pattern) => pattern.test(message) || pattern.test(`${plainPath} ${message}`));
}

/** The parts of objects that a manifest writes, in the order of their names. */
function canonical(objects: readonly object[]): unknown[] {
  const parts = objects.map((object) => {
    const { metadata, status: _, ...rest } = JSON.parse(JSON.stringify(object));
    const { name, namespace, labels } = metadata;
    return withoutNulls({ ...rest, metadata: { name, namespace, labels } });
  });
  return (parts as { kind: string; metadata: { name: string } }[]).sort((a, b) =>
    `${a.kind}/${a.metadata.name}` < `${b.kind}/${b.metadata.name}` ? -1 : 1,
  );
}

/** Without nulls and what they leave: the empty text of a label or of data, and maps that hold nothing. */
function withoutNulls(value: unknown, isRoot = true): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item, false));
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value)
    .map(([key, member]): [string, unknown] => [key, withoutNulls(member, false)])
    .filter(([key, member]) => {
      if (member === null || member === undefined || member === '') return false;
      const isEmpty = typeof member === 'object' && !Array.isArray(member) && Object.keys(member).length === 0;
      return !(isEmpty && isRoot && (key === 'data' || key === 'binaryData')) && !(isEmpty && key === 'labels');
    });
  return Object.fromEntries(members);
}
