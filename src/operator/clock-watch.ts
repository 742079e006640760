import type { Log } from '../cluster/log.ts';
import type { KubeClient } from '../kube/client.ts';
import type { Metrics } from '../kube/metrics.ts';

const EVERY_MS = 1000;
/** A larger difference within a second is an adjustment, not a correction of the clock's rate. */
const STEP_MS = 500;

/**
 * Watches the local clock until the signal is aborted: its skew against the API server's clock, and steps against the
 * monotonic clock. The operator uses it only for tokens, which pods check against their own clock.
 */
export function watchClock(client: KubeClient, metrics: Metrics, log: Log, signal: AbortSignal): void {
  const skew = {
    name: 'copepod_operator_clock_skew_seconds',
    help: "How far the operator's clock is ahead of the API server's. Pods reject an operator that is 10 s ahead of them, or 40 s behind.",
    labelNames: [],
  };
  metrics.gauge(skew, (gauge) => gauge.set({}, client.clockSkewMs / 1000));
  const steps = metrics.counter({
    name: 'copepod_operator_clock_steps_total',
    help: "Adjustments of the operator's clock by more than half a second.",
    labelNames: ['direction'],
  });
  for (const direction of ['forward', 'backward']) steps.inc({ direction }, 0);
  let before = Date.now() - performance.now();
  const timer = setInterval(() => {
    const now = Date.now() - performance.now();
    const stepMs = now - before;
    before = now;
    if (Math.abs(stepMs) < STEP_MS) return;
    steps.inc({ direction: stepMs > 0 ? 'forward' : 'backward' });
    log.write('warn', 'the clock was set', { seconds: Math.round(stepMs / 100) / 10 });
  }, EVERY_MS);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}
