/** On a ScriptRuntime: TypeScript declarations of the host functions of its image, for agents that write code for it. */
export const HOST_TYPES_ANNOTATION = 'copepod.dev/host-types';

/** Maximum length of the declarations of host functions and tools for a model, which reads them with each request: UTF-16 units. */
export const MAX_HOST_TYPES = 32 << 10;

/** Declarations one after the other; empty ones are none. */
export const joinedTypes = (...texts: readonly string[]): string =>
  texts
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .join('\n\n');

/** The declarations that a runtime names; empty: none. */
export const annotatedHostTypes = ({
  metadata,
}: {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}): string => metadata.annotations?.[HOST_TYPES_ANNOTATION] ?? '';
