import { pause } from '../../src/kube/pause.ts';
import type { Pod } from '../../src/kube/resources.ts';
import { residentBytes } from '../processes.ts';
import { processesOf } from './pod-processes.ts';
import type { Target } from './target.ts';

const SAMPLE_EVERY_MS = 2000;
const RESIDENT = /^(?:\w+_)?process_resident_memory_bytes(?:\{.*\})? (\S+)$/m;
const HEAP = /^(?:\w+_)?nodejs_heap_size_used_bytes(?:\{.*\})? (\S+)$/m;
const LAG = /^(?:\w+_)?nodejs_eventloop_lag_max_seconds(?:\{.*\})? (\S+)$/m;

/** Largest values observed. */
export interface MemoryPeak {
  /** Resident memory from the process's own metrics. */
  readonly metricsBytes?: number;
  /** Resident memory of all processes of the pod from /proc, if they run on this machine. */
  readonly procBytes?: number;
  /** V8 heap from its own metrics, including garbage that is not collected yet. */
  readonly heapBytes?: number;
  /** Longest event loop delay, in seconds. */
  readonly lagSeconds?: number;
}

/** Polls the memory of the operator's leader every two seconds. Disposing it stops the polling. */
export class OperatorMemory {
  readonly #target: Target;
  readonly #metricsPath: string | undefined;
  readonly #pids: readonly number[];
  readonly #over = new AbortController();
  #peak: MemoryPeak = {};
  #trouble: unknown;

  constructor(target: Target, leader: Pod) {
    this.#target = target;
    this.#metricsPath = metricsPathOf(leader);
    this.#pids = processesOf(leader.metadata.uid ?? '');
    void this.#sample();
  }

  /** Largest values since the last call, including a sample taken now. */
  async takePeak(): Promise<MemoryPeak> {
    await this.#read();
    const peak = this.#peak;
    this.#peak = {};
    return peak;
  }

  /** Why the metrics could not be read the last time that failed. */
  get trouble(): string | undefined {
    return this.#trouble ? (this.#trouble as Error).message : undefined;
  }

  [Symbol.dispose](): void {
    this.#over.abort();
  }

  async #sample(): Promise<void> {
    while (!this.#over.signal.aborted) {
      await this.#read();
      await pause(SAMPLE_EVERY_MS, this.#over.signal);
    }
  }

  async #read(): Promise<void> {
    const procBytes = this.#pids.reduce((sum, pid) => sum + residentBytes(pid), 0);
    const text = await this.#readMetrics();
    this.#peak = {
      ...larger('procBytes', this.#peak, procBytes),
      ...larger('metricsBytes', this.#peak, gaugeOf(RESIDENT, text)),
      ...larger('heapBytes', this.#peak, gaugeOf(HEAP, text)),
      ...larger('lagSeconds', this.#peak, gaugeOf(LAG, text)),
    };
  }

  async #readMetrics(): Promise<string> {
    if (!this.#metricsPath) return '';
    try {
      return await this.#target.readText(this.#metricsPath, { verb: 'get', resource: 'pods/proxy' });
    } catch (error) {
      this.#trouble = error;
      return '';
    }
  }
}

function gaugeOf(gauge: RegExp, text: string): number {
  return Number(gauge.exec(text)?.[1] ?? 0);
}

function larger<Key extends keyof MemoryPeak>(key: Key, peak: MemoryPeak, value: number): Pick<MemoryPeak, Key> {
  const most = Math.max(peak[key] ?? 0, value);
  return (most > 0 ? { [key]: most } : {}) as Pick<MemoryPeak, Key>;
}

/** Through the API server's proxy: the port named `metrics`, else the Prometheus annotation's, else the first. */
function metricsPathOf({ metadata: { namespace, name, annotations }, spec }: Pod): string | undefined {
  const ports = (spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  const named = ports.find((port) => port.name === 'metrics')?.containerPort;
  const port = named ?? annotations?.['prometheus.io/port'] ?? ports[0]?.containerPort;
  return port === undefined ? undefined : `/api/v1/namespaces/${namespace}/pods/${name}:${port}/proxy/metrics`;
}
