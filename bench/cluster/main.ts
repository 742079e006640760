// `make bench-cluster`: the raw API server, this operator and Jobs, on one cluster in one run.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { machineFacts } from '../machine.ts';
import { aimsOf } from './aims.ts';
import type { Figure } from './figures.ts';
import { measureJobs } from './jobs.ts';
import { inNamespace } from './namespace.ts';
import { OperatorUnderLoad } from './operator.ts';
import { OperatorDeployment } from './operator-deployment.ts';
import { OperatorMemory } from './operator-memory.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { Progress } from './progress.ts';
import { rawTriples } from './raw.ts';
import { aimsText, figuresTable, requestsTable, stepsTable } from './report.ts';
import type { RequestCounts } from './request-counts.ts';
import { auditedRequests, countRequests } from './request-probe.ts';
import { stopOnInterrupt } from './stop-on-interrupt.ts';
import { Target } from './target.ts';

const RAW_WARM_UP = 100;

const signal = stopOnInterrupt();
const progress = new Progress();

async function measureRaw(
  target: Target,
  operator: OperatorDeployment | undefined,
  options: Options,
): Promise<Figure[]> {
  const measure = () =>
    inNamespace(target, { purpose: 'raw', keep: false, signal }, async (namespace): Promise<Figure[]> => {
      const triples = (prefix: string, count: number, workers: number) => {
        progress.step(`raw API server: ${count} triples, ${workers} at a time`);
        return rawTriples(target, progress, { namespace, prefix, count, workers, signal });
      };
      await triples('warm-up', RAW_WARM_UP, options.workers);
      const alone = await triples('alone', options.alone, 1);
      const atOnce = await triples('at-once', options.count, options.workers);
      progress.step('removing the raw executions');
      return [
        { contestant: 'raw', load: 'alone', sample: alone },
        { contestant: 'raw', load: 'at-once', sample: atOnce },
      ];
    });
  return operator ? operator.stoppedWhile(progress, signal, measure) : measure();
}

interface OperatorResult {
  readonly figures: Figure[];
  /** The operator's own requests in our namespace by figure, if an audit log is available. */
  readonly audited: ReadonlyMap<Figure, RequestCounts>;
}

async function measureOperator(
  target: Target,
  operator: OperatorDeployment,
  options: Options,
): Promise<OperatorResult> {
  const leader = await operator.leader(signal);
  using memory = new OperatorMemory(target, leader);
  return inNamespace(target, { purpose: 'operator', keep: options.keep, signal }, async (namespace) => {
    using load = await OperatorUnderLoad.start(target, progress, namespace, options, signal);
    const figures: Figure[] = [];
    const both = async (contestant: 'operator' | 'operator-present', what: string): Promise<void> => {
      for (const [count, how, measure] of [
        [options.alone, 'one at a time', () => load.oneAtATime()],
        [options.count, 'at once', () => load.atOnce()],
      ] as const) {
        progress.step(`${what}: ${count} ${how}`);
        await memory.takePeak();
        const [measured, requests] = await countRequests(target, count, measure);
        await operator.requireLeader(leader);
        figures.push({ contestant, ...measured, requests, memory: await memory.takePeak() });
      }
    };

    if (options.parts.includes('operator')) await both('operator', 'copepod');
    if (options.parts.includes('present')) {
      progress.step('copepod: finished executions');
      await load.fillUpTo(options.present);
      await both('operator-present', `copepod with ${options.present} finished`);
    }
    if (memory.trouble) process.stderr.write(`\nmemory: the operator's metrics could not be read: ${memory.trouble}\n`);

    const told = figures.filter(({ requests }) => requests !== undefined);
    const spans = told.flatMap(({ requests }) => requests ?? []);
    const counts = target.auditLog ? auditedRequests(target.auditLog, operator.user, namespace, spans) : [];
    const audited = told.flatMap((figure, index) => {
      const of = counts[index];
      return of ? [[figure, of] as const] : [];
    });
    progress.step('removing the executions');
    return { figures, audited: new Map(audited) };
  });
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (!options) return void process.stdout.write(USAGE);

  const target = await Target.connect();
  const machine = machineFacts();
  const figures: Figure[] = [];
  const audited = new Map<Figure, RequestCounts>();
  const failures: string[] = [];
  const part = async (name: string, measure: () => Promise<void>): Promise<void> => {
    try {
      await measure();
    } catch (error) {
      if (signal.aborted) throw error;
      failures.push(`${name}: ${(error as Error).message}`);
    }
    progress.clear();
  };

  const operatorParts = options.parts.filter((name) => name === 'operator' || name === 'present');
  if (options.parts.some((name) => name !== 'jobs')) await target.requireKinds();
  const operator = await OperatorDeployment.find(target);
  console.log(
    `${target.server}, with ${machine.cores} x ${machine.cpu}, Node ${machine.node}, load ${machine.loadAverage}`,
  );
  console.log(
    `${options.workers} workers; a ScriptRuntime of ${options.pods} pods with ${options.poolSize} VMs each\n`,
  );

  if (options.parts.includes('raw')) {
    await part('raw', async () => void figures.push(...(await measureRaw(target, operator, options))));
  }
  if (operatorParts.length > 0) {
    await part(operatorParts.join(', '), async () => {
      if (!operator)
        throw new Error('Deployment copepod-system/copepod-operator does not exist: run `make deploy` first');
      const result = await measureOperator(target, operator, options);
      figures.push(...result.figures);
      for (const [figure, counts] of result.audited) audited.set(figure, counts);
    });
  }
  if (options.parts.includes('jobs')) {
    await part('jobs', async () => {
      const namespace = { purpose: 'jobs', keep: options.keep, signal };
      const measure = (name: string) => measureJobs(target, progress, name, options, signal);
      figures.push(...(await inNamespace(target, namespace, measure)));
    });
  }
  target.close();

  const everybody = (figure: Figure) => figure.requests?.everybody;
  const aims = aimsOf(figures, (figure) => audited.get(figure) ?? everybody(figure));
  const texts = [
    figures.length > 0 ? figuresTable(figures) : '',
    stepsTable(figures),
    requestsTable('Requests of the operator in the namespace, from the audit log', figures, (f) => audited.get(f)),
    requestsTable("Requests of everybody but this program, from the API server's metrics", figures, everybody),
    aimsText(aims),
  ];
  console.log(texts.filter(Boolean).join('\n'));

  mkdirSync(dirname(options.jsonFile), { recursive: true });
  const told = figures.map((figure) => withPlainRequests(figure, audited.get(figure)));
  writeFileSync(
    options.jsonFile,
    `${JSON.stringify({ machine, server: target.server, options, figures: told, aims, failures }, null, 2)}\n`,
  );
  console.log(`figures: ${relative('.', options.jsonFile)}`);
  if (failures.length > 0) throw new Error(`failed:\n  ${failures.join('\n  ')}`);
}

/** A figure whose counts can be serialized as JSON. */
function withPlainRequests({ requests, ...figure }: Figure, audited: RequestCounts | undefined) {
  const plain = (counts: RequestCounts | undefined) => counts && Object.fromEntries(counts);
  return requests
    ? { ...figure, requests: { ...requests, everybody: plain(requests.everybody), operator: plain(audited) } }
    : figure;
}

main().catch((error: Error) => {
  progress.clear();
  process.stderr.write(`bench-cluster: ${error.message}\n`);
  process.exit(signal.aborted ? 130 : 1);
});
