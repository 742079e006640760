const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'QUERY']);

/** Whether this is a method of HTTP. Clients and scripts may send others: as names of spans these would be without bound. Pure. */
export const isHttpMethod = (method: string): boolean => METHODS.has(method);
