import type { EndpointSituation } from '../../../../src/operator/endpoints/endpoint-conditions.ts';

/** The situation of an endpoint that is served. */
export const endpointSituation = (changes: Partial<EndpointSituation> = {}): EndpointSituation => ({
  runtimeName: 'default',
  hasRuntime: true,
  refusal: undefined,
  conflicts: [],
  missingSource: undefined,
  servingPods: 1,
  isAtZero: false,
  compilation: {},
  ...changes,
});
