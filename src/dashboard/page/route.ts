import { KINDS, type Kind } from '../messages.ts';

/** What the page shows: kept in the fragment of its URL, so that it can be linked to and gone back from. */
export interface Place {
  /** Namespace of the lists; empty: all. Undefined: that of the session. */
  readonly scope: string | undefined;
  readonly kind: Kind;
  /** The object that is open. */
  readonly open: { readonly namespace: string; readonly name: string } | undefined;
}

/** The place of a fragment: `#/SCOPE/KIND[/NAMESPACE/NAME]`, where `*` is all namespaces. Pure. */
export function parsePlace(fragment: string): Place {
  const [scope = '', kind, namespace, name] = fragment.replace(/^#\/?/, '').split('/').map(decoded);
  const known = KINDS.find((each) => each === kind) ?? 'executions';
  return {
    scope: scope === '' ? undefined : scope === '*' ? '' : scope,
    kind: known,
    open: namespace && name ? { namespace, name } : undefined,
  };
}

/** The fragment of a place: the reverse of `parsePlace`. Pure. */
export function fragmentOf({ scope, kind, open }: Place): string {
  const parts = [scope === undefined || scope === '' ? '*' : scope, kind, ...(open ? [open.namespace, open.name] : [])];
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

/** The token of a fragment `#token=TOKEN`, as `copepod dashboard` makes it of 32 bytes; undefined for others. Pure. */
export const tokenOf = (fragment: string): string | undefined => /^#token=([\w-]{43})$/.exec(fragment)?.[1];

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
