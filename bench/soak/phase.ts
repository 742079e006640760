import { type Engine, loadEngine, type TenantIsolation } from '../engine.ts';
import { quantile } from '../statistics.ts';
import { serveApi } from './api.ts';
import { BENIGN } from './benign.ts';
import { HOSTILE } from './hostile.ts';
import { IsolationWatch } from './isolation-watch.ts';
import { holdings, settledHoldings } from './leaks.ts';
import { isFlat, MemoryWatch } from './memory-watch.ts';
import { pick, randomOf } from './random.ts';
import { type Job, problemsOf } from './verdict.ts';

export interface PhasePlan {
  readonly isolation: TenantIsolation;
  readonly executions: number;
  readonly seed: number;
  readonly vms: number;
  /** Concurrent executions: more than there are VMs, so that some always wait. */
  readonly clients: number;
  readonly signal: AbortSignal;
}

const TENANTS = 20;
const ONE_HOSTILE_IN = 50;
const LIMITS = {
  memoryBytes: 64 << 20,
  cpuTimeMs: 5000,
  timeoutMs: 10_000,
  resultBytes: 32 << 10,
  logsBytes: 16 << 10,
};
/** Small enough to fill up in the first quarter (a filling cache is not a leak) and to evict. */
const CACHED_PROGRAMS = 100;
/** Memory a child may hold beyond its initial memory and its limit. */
const MEMORY_GRACE_BYTES = 128e6;
/** Resident memory of a new child, with a margin for different machines. */
const NEW_CHILD_BYTES = 80e6;
const PROGRESS_EVERY_MS = 5000;

/** Runs one phase of the soak and reports it. */
export async function runPhase(plan: PhasePlan) {
  const violations: string[] = [];
  const violation = (text: string) => void violations.push(text);
  const reasons = new Map<string, number>();
  const kinds = new Map<string, number>();
  const tookMs: number[] = [];
  let longestOverrunMs = 0;
  let done = 0;

  const { createRuntime } = await loadEngine();
  // Resources that the first runtime opens once per process (Node keeps a /dev/null for children) are not leaks.
  const first = createRuntime({ pool: { size: 1 } });
  await first.execute('0');
  await first.close();

  const before = holdings();
  const watch = new IsolationWatch(plan.isolation, violation);
  const api = await serveApi(violation);
  const runtime = createRuntime({
    egress: { rules: [{ hosts: ['127.0.0.1'], schemes: ['http'], ports: [api.port] }] },
    pool: { size: plan.vms, tenantIsolation: plan.isolation },
    cache: { size: CACHED_PROGRAMS },
    limits: LIMITS,
    observer: watch,
  });
  await runtime.ready();

  const start = performance.now();
  const memory = new MemoryWatch(() => done / plan.executions);
  const progress = setInterval(() => {
    const seconds = (performance.now() - start) / 1000;
    process.stderr.write(
      `${plan.isolation}: ${done} of ${plan.executions}, ${(done / seconds).toFixed(0)}/s, ${violations.length} violations\n`,
    );
  }, PROGRESS_EVERY_MS);

  const jobs = jobsOf(plan, `http://127.0.0.1:${api.port}`);
  const client = async () => {
    for (const job of jobs) {
      if (plan.signal.aborted) return;
      const outcome = await execute(runtime, job);
      const timeoutMs = job.script.limits.timeoutMs ?? LIMITS.timeoutMs;
      const wallMs = outcome.completionTime.getTime() - outcome.startTime.getTime();
      for (const problem of problemsOf(job, outcome, timeoutMs, LIMITS.logsBytes)) {
        violation(`${job.id} of ${job.tenantKey} (${job.script.name}): ${problem}`);
      }
      count(reasons, outcome.reason);
      count(kinds, job.script.name);
      longestOverrunMs = Math.max(longestOverrunMs, wallMs - timeoutMs);
      if (!job.script.hostile) tookMs.push(outcome.usage.wallMilliseconds);
      done++;
    }
  };
  try {
    await Promise.all(Array.from({ length: plan.clients }, client));
  } finally {
    clearInterval(progress);
    memory.stop();
    await runtime.close();
    await api.close();
  }
  const seconds = (performance.now() - start) / 1000;

  const after = await settledHoldings(before);
  if (after.children > before.children) violation(`${after.children - before.children} processes left behind`);
  if (after.fileDescriptors > before.fileDescriptors) {
    violation(`${after.fileDescriptors - before.fileDescriptors} file descriptors left behind`);
  }
  if (watch.started !== done) violation(`${watch.started} executions seen to start, ${done} to end`);
  if (memory.largestChildBytes > NEW_CHILD_BYTES + LIMITS.memoryBytes + MEMORY_GRACE_BYTES) {
    violation(`a child held ${memory.largestChildBytes} bytes`);
  }
  if (!plan.signal.aborted) {
    if (!isFlat(memory.supervisor())) violation("the supervisor's memory grew");
    if (!isFlat(memory.children())) violation("the children's memory grew");
  }

  const sorted = Float64Array.from(tookMs).sort();
  return {
    isolation: plan.isolation,
    executions: done,
    seconds,
    reasons: Object.fromEntries(reasons),
    kinds: Object.fromEntries(kinds),
    benignP50Ms: quantile(sorted, 0.5),
    benignP99Ms: quantile(sorted, 0.99),
    longestOverrunMs,
    isolates: watch.isolates,
    processes: watch.processes,
    supervisor: memory.supervisor(),
    children: memory.children(),
    largestChildBytes: memory.largestChildBytes,
    mostChildren: memory.mostChildren,
    before,
    after,
    violations,
  };
}

export type PhaseReport = Awaited<ReturnType<typeof runPhase>>;

/** One hostile script per fifty executions, at a random place; random tenants. */
function* jobsOf({ executions, seed }: PhasePlan, api: string): Generator<Job, void> {
  const random = randomOf(seed);
  let hostileAt = 0;
  for (let n = 0; n < executions; n++) {
    if (n % ONE_HOSTILE_IN === 0) hostileAt = n + Math.floor(random() * ONE_HOSTILE_IN);
    const script = pick(random, n === hostileAt ? HOSTILE : BENIGN);
    const tenantKey = `tenant-${Math.floor(random() * TENANTS)}`;
    const params = { n, a: 1 + Math.floor(random() * 100), b: 1 + Math.floor(random() * 100), api };
    yield { id: `soak-${n}`, tenantKey, script, params };
  }
}

function execute(runtime: Engine, { id, tenantKey, script, params }: Job) {
  return runtime.execute(
    { source: script.source, language: script.language },
    {
      params,
      limits: script.limits,
      tenantKey,
      context: { tenant: { id: tenantKey, name: tenantKey }, user: { id: `user of ${tenantKey}` }, execution: { id } },
    },
  );
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
