import { collectDefaultMetrics, type Registry } from 'prom-client';

/** Sums of prom-client that are gauges, while Prometheus' rules keep the ending for counters. They are sums of metrics that stay. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** Adds the metrics of this Node process to the registry of its `/metrics`. */
export function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
}
