/** What lists the ids of the tenants that it is for: a runtime, or a variable, an egress rule or a tool of one. */
export interface TenantList {
  /** Left out or empty: all. */
  readonly tenants?: readonly string[] | undefined;
}

/** Whether it is for a tenant. Pure. */
export const isForTenant = ({ tenants = [] }: TenantList, tenant: string): boolean =>
  tenants.length === 0 || tenants.includes(tenant);
