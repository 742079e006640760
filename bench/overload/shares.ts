import { observeExecution } from '../cluster/executions.ts';
import { inNamespace, userIn } from '../cluster/namespace.ts';
import { startRuntime } from '../cluster/runtime.ts';
import { tableLines } from '../cluster/table.ts';
import { withWorkers } from '../cluster/workers.ts';
import { endedAtHalf, jainIndex } from './jain.ts';
import { LoadGenerator } from './load-generator.ts';
import { nothingFailed, type PartContext, type PartResult } from './part.ts';

const STALL_LIMIT_MS = 120_000;
const LEAST_INDEX = 0.95;
/** Each has few VMs: they share the operator and the API server. */
const POOL_SIZE = 2;

/** Whether equal namespaces get equal shares. */
export async function measureShares(context: PartContext): Promise<PartResult> {
  return inNamespaces(context, context.options.shares.namespaces, async (namespaces) => {
    const { target, progress, options, signal } = context;
    const { each } = options.shares;
    progress.step(`shares: ${namespaces.length} ScriptRuntimes with a pod each`);
    const spec = { replicas: 1, pool: { size: POOL_SIZE } };
    await Promise.all(namespaces.map((namespace) => startRuntime(target, namespace, spec, 1, signal)));
    using over = new DisposableStack();
    const generators: LoadGenerator[] = [];
    for (const namespace of namespaces) {
      const watch = { observe: observeExecution, stallLimitMs: STALL_LIMIT_MS, signal };
      generators.push(
        over.use(await LoadGenerator.start(userIn(target, namespace), { namespace, name: 'share', ...watch })),
      );
    }
    const first = generators.map((generator) => generator.send().ended);
    await Promise.all(first);
    const counted = generators.map((generator) => generator.runs.length);

    const total = each * generators.length;
    progress.step(`shares: ${each} executions of each namespace`);
    const startMs = performance.now();
    // Round robin, so that all have submitted the same number at any moment.
    await withWorkers(total, options.workers, async (index) => {
      await generators[index % generators.length]?.send().created;
    });
    await Promise.all(generators.map((generator) => generator.ended()));

    const endsMs = generators.map((generator, index) =>
      generator.runs.slice(counted[index]).map(({ endMs }) => endMs - startMs),
    );
    const atHalf = endedAtHalf(endsMs);
    const index = jainIndex(atHalf);
    const perSecond = (total / Math.max(...endsMs.flat())) * 1000;
    const failures = generators.flatMap((generator) => generator.failures);
    progress.step('shares: removing the executions');
    const lines = tableLines([
      ['finished per namespace when half of all had', atHalf.join(' ')],
      ['executions a second', perSecond.toFixed(0)],
    ]);
    return {
      text: lines.join('\n'),
      figures: { index, atHalf, perSecond, failures },
      checks: [
        {
          text: `Jain's index of ${generators.length} equal namespaces at least ${LEAST_INDEX}`,
          measured: index.toFixed(4),
          met: index >= LEAST_INDEX,
        },
        nothingFailed('executions', failures),
      ],
    };
  });
}

/** Runs `inside` with this many new namespaces, all of which are deleted when it resolves. */
async function inNamespaces<T>(
  { target, options, signal }: PartContext,
  count: number,
  inside: (namespaces: readonly string[]) => Promise<T>,
): Promise<T> {
  const names: string[] = [];
  const all = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const namespaces = Array.from({ length: count }, () =>
    inNamespace(target, { purpose: 'share', keep: options.keep, signal }, async (name) => {
      names.push(name);
      if (names.length === count) all.resolve();
      await over.promise;
    }),
  );
  const gone = Promise.all(namespaces);
  gone.catch(all.reject);
  try {
    await all.promise;
    return await inside(names);
  } finally {
    over.resolve();
    await gone;
  }
}
