import type { ScriptExecutionStatus } from '../../../../src/api/types.generated.ts';
import { PodUnreachable } from '../../../../src/cluster/pods/pod-errors.ts';
import type { ExecutionProjection } from '../../../../src/operator/executions/execution-projection.ts';
import type { ReconcilerParts } from '../../../../src/operator/executions/reconciler.ts';
import { StatusWriter, type Written } from '../../../../src/operator/executions/status-writer.ts';
import type { RunLedger, Work } from '../../../../src/runtime/server/ledger.ts';
import { RefusalError } from '../../../../src/runtime/server/refusal.ts';
import type { OperatorMakers } from './operator.ts';
import type { Ledger, PodMakers } from './pod.ts';
import type { Gate } from './pod-gate.ts';

/** Collaborators that break the protocol. */
export type Mutation = Partial<PodMakers & OperatorMakers>;

/** Pods accept requests of any leader, including replaced ones. */
const withoutEpochs = (gate: Gate): Gate => ({
  check: (token) => gate.check({ ...token, epoch: Number.MAX_SAFE_INTEGER }),
});

/** A ledger with renamed ids: a forgotten id gets a new name, which is unknown to the real ledger. */
abstract class ForgetfulLedger implements Ledger {
  protected readonly real: RunLedger;
  readonly #lives = new Map<string, number>();

  constructor(real: RunLedger) {
    this.real = real;
  }

  start(id: string, prepare: () => Work): Promise<Buffer> {
    try {
      return this.real.start(this.alias(id), prepare);
    } catch (error) {
      if (!(error instanceof RefusalError) || !this.forgets(id, error)) throw error;
      return this.real.start(this.alias(id), prepare);
    }
  }

  /** Whether an outcome was forgotten, so that the refused run may be accepted. */
  protected abstract forgets(id: string, refusal: RefusalError): boolean;

  protected forget(id: string): void {
    this.#lives.set(id, (this.#lives.get(id) ?? 0) + 1);
  }

  protected alias(id: string): string {
    const lives = this.#lives.get(id) ?? 0;
    return lives === 0 ? id : `${id}~${lives}`;
  }

  state = (id: string): Buffer => this.real.state(this.alias(id));
  cancel = (id: string): void => this.real.cancel(this.alias(id));
  acknowledge = (id: string): void => this.real.acknowledge(this.alias(id));
  unacknowledgedIds = (most: number): string[] => this.real.unacknowledgedIds(most).map(original);
  open = (): void => this.real.open();
  drain = (): void => this.real.drain();
  empty = (): Promise<void> => this.real.empty();

  get draining(): boolean {
    return this.real.draining;
  }
  get active(): number {
    return this.real.active;
  }
  get unacknowledged(): number {
    return this.real.unacknowledged;
  }
}

const original = (alias: string): string => alias.replace(/~.*$/, '');

/** Evicts the oldest outcome when full, even if it is not acknowledged. */
class EvictingLedger extends ForgetfulLedger {
  override start(id: string, prepare: () => Work): Promise<Buffer> {
    const [oldest] = this.real.unacknowledgedIds(1);
    if (oldest !== undefined && original(oldest) !== id) {
      this.real.acknowledge(oldest);
      this.forget(original(oldest));
    }
    return super.start(id, prepare);
  }

  protected override forgets(): boolean {
    return false;
  }
}

/** Forgets acknowledged runs. */
class LedgerWithoutTombstones extends ForgetfulLedger {
  protected override forgets(id: string, { code }: RefusalError): boolean {
    if (code !== 'Acknowledged') return false;
    this.forget(id);
    return true;
  }
}

/** Writes a decision on an old object over the new object. */
class BlindWriter extends StatusWriter {
  override async write(execution: ExecutionProjection, status: ScriptExecutionStatus): Promise<Written> {
    const written = await super.write(execution, status);
    if (written.kind === 'written') return written;
    const now = await this.refresh(execution);
    if (now === undefined) return written;
    return await super.write({ ...execution, metadata: { ...execution.metadata, ...now.metadata } }, status);
  }
}

/** Treats a pod that does not respond as gone. */
function hastily(parts: ReconcilerParts['attempt']): ReconcilerParts['attempt'] {
  const unreachable = new Set<string>();
  const { client, findPod } = parts;
  const watched = async <T>(podUID: string, answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof PodUnreachable) unreachable.add(podUID);
      throw error;
    }
  };
  return {
    ...parts,
    findPod: async (claim, namespace) => (unreachable.has(claim.podUID) ? undefined : await findPod(claim, namespace)),
    client: {
      run: (pod, ...rest) => watched(pod.podUID, client.run(pod, ...rest)),
      state: (pod, ...rest) => watched(pod.podUID, client.state(pod, ...rest)),
      cancel: (pod, id) => client.cancel(pod, id),
      acknowledge: (pod, id) => client.acknowledge(pod, id),
    },
  };
}

/** Five mutations, each of which drops one rule of the protocol. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'pods accept any epoch': { gate: withoutEpochs },
  'pods evict unacknowledged outcomes': { ledger: (real) => new EvictingLedger(real) },
  'pods forget the ids of finished runs': { ledger: (real) => new LedgerWithoutTombstones(real) },
  'a conflict is resolved by the same write again': { writer: (...parts) => new BlindWriter(...parts) },
  'an unreachable pod is treated as gone': { attempt: hastily },
};
