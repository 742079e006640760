import type { KubeObject } from './object.ts';

/**
 * A type of `@kubernetes/client-node` as its JSON is: times are strings, and the names that it had to change (`_from`,
 * `_continue`) are what they are in Kubernetes.
 */
export type WireType<T> = T extends Date
  ? string
  : T extends readonly (infer Item)[]
    ? WireType<Item>[]
    : T extends object
      ? { [Name in keyof T as Name extends `_${infer Original}` ? Original : Name]: WireType<T[Name]> }
      : T;

/** A kind of `@kubernetes/client-node` as its JSON is; its metadata is always there. */
export type WireObject<T> = Omit<WireType<T>, 'metadata' | 'apiVersion' | 'kind'> & KubeObject;

/** `T` with every field optional, at every depth; lists are whole. */
export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [Name in keyof T]?: DeepPartial<T[Name]> }
    : T;
