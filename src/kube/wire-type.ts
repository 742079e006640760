import type { KubeObject } from './object.ts';

/**
 * A type of `@kubernetes/client-node` as JSON: times are strings, and fields the library renamed (`_from`, `_continue`)
 * have their Kubernetes names.
 */
export type WireType<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? WireType<Item>[]
    : T extends object
      ? { [Name in keyof T as Name extends `_${infer Original}` ? Original : Name]: WireType<T[Name]> }
      : T;

/** A kind of `@kubernetes/client-node` as JSON; metadata is required. */
export type WireObject<T> = Omit<WireType<T>, 'metadata' | 'apiVersion' | 'kind'> & KubeObject;

/** `T` with all fields optional at every depth; arrays stay whole. */
export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [Name in keyof T]?: DeepPartial<T[Name]> }
    : T;
