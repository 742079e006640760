import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { until } from '../support/until.ts';
import { findProgram, ROOT } from './programs.ts';

/** A port of a pod, as Prometheus finds it in a cluster. */
export interface PodPort {
  readonly address: string;
  readonly namespace: string;
  readonly pod: string;
  readonly component: string;
  readonly port: string;
  /** Name of the ScriptRuntime of a runtime pod. */
  readonly runtime?: string;
}

interface ScrapeConfig {
  readonly job_name: string;
  readonly kubernetes_sd_configs?: unknown;
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

interface Answer<T> {
  readonly status: string;
  readonly error?: string;
  readonly data: T;
}

/** Prometheus as a process, with our alerts and scrape configuration. It scrapes each second. */
export class PrometheusProcess {
  readonly #directory = mkdtempSync(join(tmpdir(), 'copepod-prometheus-'));
  readonly #process: ChildProcess;
  readonly #url: string;
  #output = '';

  private constructor(port: number, pods: readonly PodPort[]) {
    const { scrape_configs: scrapeConfigs } = parse(
      readFileSync(join(ROOT, 'deploy/monitoring/scrape-configs.yaml'), 'utf8'),
    ) as { scrape_configs: ScrapeConfig[] };
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [join(ROOT, 'charts/copepod/files/alerts.yaml')],
      // As shipped, but for how pods are found: every job sees all of them.
      scrape_configs: scrapeConfigs.map(({ kubernetes_sd_configs: _, ...rest }) => ({
        ...rest,
        static_configs: pods.map(found),
      })),
    };
    const file = join(this.#directory, 'prometheus.yml');
    writeFileSync(file, stringify(config));
    this.#url = `http://127.0.0.1:${port}`;
    const args = ['--config.file', file, '--storage.tsdb.path', join(this.#directory, 'data')];
    this.#process = spawn(findProgram('prometheus'), [...args, '--web.listen-address', `127.0.0.1:${port}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
  }

  /** Starts Prometheus and waits until it has scraped as many ports as it should. */
  static async start(pods: readonly PodPort[], scraped: number): Promise<PrometheusProcess> {
    const prometheus = new PrometheusProcess(await freePort(), pods);
    await until(
      `Prometheus to scrape ${scraped} ports`,
      async () => {
        const up = await prometheus.query('up == 1').catch(() => []);
        return up.length === scraped;
      },
      { withinMs: 60_000, everyMs: 200, why: () => prometheus.#output.split('\n').slice(-10).join('\n') },
    );
    return prometheus;
  }

  /** The series of an instant query. Rejects if Prometheus refuses it. */
  async query(expr: string): Promise<Series[]> {
    return (await this.#get<{ result: Series[] }>('query', { query: expr })).result;
  }

  /** Alerts with their health: `ok`, or `err` where the rule cannot be evaluated. */
  async rules(): Promise<{ name: string; health: string; lastError?: string }[]> {
    const { groups } = await this.#get<{ groups: { rules: { name: string; health: string }[] }[] }>('rules', {});
    return groups.flatMap(({ rules }) => rules);
  }

  async #get<T>(path: string, parameters: Readonly<Record<string, string>>): Promise<T> {
    const response = await fetch(`${this.#url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const { status, error, data } = (await response.json()) as Answer<T>;
    if (status !== 'success') throw new Error(error);
    return data;
  }

  async close(): Promise<void> {
    const exited = new Promise((resolve) => this.#process.once('exit', resolve));
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGKILL');
      await exited;
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** A target with the labels that discovery in a cluster gives it. */
const found = ({ address, namespace, pod, component, port, runtime }: PodPort): object => ({
  targets: [address],
  labels: {
    __meta_kubernetes_namespace: namespace,
    __meta_kubernetes_pod_name: pod,
    __meta_kubernetes_pod_container_port_name: port,
    __meta_kubernetes_pod_label_app_kubernetes_io_name: 'copepod',
    __meta_kubernetes_pod_label_app_kubernetes_io_component: component,
    ...(runtime === undefined ? {} : { __meta_kubernetes_pod_label_copepod_dev_runtime: runtime }),
  },
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
