/** On a ScriptRuntime: TypeScript declarations of the host functions of its image, for agents that write code for it. */
export const HOST_TYPES_ANNOTATION = 'copepod.dev/host-types';

/** The declarations that a runtime names; empty: none. */
export const annotatedHostTypes = ({
  metadata,
}: {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}): string => metadata.annotations?.[HOST_TYPES_ANNOTATION] ?? '';
