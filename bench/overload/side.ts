/** The namespace and tenant of a load. */
export interface Side {
  readonly namespace: string;
  readonly spec?: Readonly<Record<string, unknown>>;
}
