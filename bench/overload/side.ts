/** Whose executions, where. */
export interface Side {
  readonly namespace: string;
  readonly spec?: Readonly<Record<string, unknown>>;
}
