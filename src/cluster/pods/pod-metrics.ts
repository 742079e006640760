import { REFUSAL_STATUS } from '../../api/pod-protocol.ts';
import type { Metrics } from '../../kube/metrics.ts';
import type { PodClientOptions } from './pod-client.ts';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800];

/**
 * An `onRequest` callback of a pod client that counts requests and their durations; that of a POST includes the run.
 */
export function podRequestMetrics(
  metrics: Metrics,
  client: 'operator' | 'gateway',
): NonNullable<PodClientOptions['onRequest']> {
  const requests = metrics.counter({
    name: `copepod_${client}_pod_requests_total`,
    help: 'Requests to runtime pods, by method and answer.',
    labelNames: ['method', 'code'],
  });
  const duration = metrics.histogram({
    name: `copepod_${client}_pod_request_duration_seconds`,
    help: 'Duration of requests to runtime pods; a POST takes as long as its run.',
    labelNames: ['method'],
    buckets: SECONDS,
  });
  const refusals = metrics.counter({
    name: `copepod_${client}_pod_refusals_total`,
    help: 'Requests refused by runtime pods, by code.',
    labelNames: ['code'],
  });
  for (const code of Object.keys(REFUSAL_STATUS)) refusals.inc({ code }, 0);
  return ({ method, code, durationMs, refusal }) => {
    if (refusal !== undefined) refusals.inc({ code: refusal });
    requests.inc({ method, code });
    duration.observe({ method }, durationMs / 1000);
  };
}
