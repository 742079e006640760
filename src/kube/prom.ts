import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { RequestRecord } from './client-options.ts';
import type { GaugeMetric, Metrics } from './metrics.ts';

/** Adapts a prom-client registry. */
export function promMetrics(registry: Registry): Metrics {
  const registers = [registry];
  const collectors = new Map<string, Set<(gauge: GaugeMetric) => void>>();
  const known = <T>(name: string): T | undefined => registry.getSingleMetric(name) as T | undefined;
  return {
    counter({ name, help, labelNames }) {
      return known<Counter>(name) ?? new Counter({ name, help, labelNames: [...labelNames], registers });
    },
    gauge({ name, help, labelNames }, collect, until) {
      if (collect && !until?.aborted) {
        const collecting = collectors.get(name) ?? new Set();
        collectors.set(name, collecting.add(collect));
        until?.addEventListener('abort', () => collecting.delete(collect), { once: true });
      }
      const options = { name, help, labelNames: [...labelNames], registers };
      return (
        known<Gauge>(name) ??
        new Gauge({
          ...options,
          collect() {
            const collecting = collectors.get(name);
            if (collecting) this.reset();
            for (const each of collecting ?? []) each(this);
          },
        })
      );
    },
    histogram({ name, help, labelNames, buckets }) {
      const options = { name, help, labelNames: [...labelNames], buckets: [...buckets], registers };
      return known<Histogram>(name) ?? new Histogram(options);
    },
  };
}

/** An `onRequest` callback that counts as client-go does, with verb and resource labels in addition. */
export function requestMetrics(metrics: Metrics): (request: RequestRecord) => void {
  const requests = metrics.counter({
    name: 'rest_client_requests_total',
    help: 'Requests to the API server, retries included.',
    labelNames: ['verb', 'resource', 'code'],
  });
  const duration = metrics.histogram({
    name: 'rest_client_request_duration_seconds',
    help: 'Duration of requests to the API server; for a watch, until it starts.',
    labelNames: ['verb'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 30, 60],
  });
  const retries = metrics.counter({
    name: 'rest_client_request_retries_total',
    help: 'Retried requests to the API server, by the code of the attempt before.',
    labelNames: ['verb', 'resource', 'code'],
  });
  const throttled = metrics.counter({
    name: 'rest_client_throttled_seconds_total',
    help: 'Time for which the API server asked to send no requests (429 with Retry-After); its rate is the share of time.',
    labelNames: ['resource'],
  });
  return ({ verb, resource, code, durationMs, retryAfterCode, throttledMs }) => {
    requests.inc({ verb, resource, code });
    duration.observe({ verb }, durationMs / 1000);
    if (retryAfterCode !== undefined) retries.inc({ verb, resource, code: retryAfterCode });
    throttled.inc({ resource }, throttledMs / 1000);
  };
}
