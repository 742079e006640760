import type { ScriptExecutionStatus } from '../../../../src/api/types.generated.ts';
import type { ExecutionProjection } from '../../../../src/operator/executions/execution-projection.ts';
import type { ReconcilerParts } from '../../../../src/operator/executions/reconciler.ts';
import { StatusWriter, type Written } from '../../../../src/operator/executions/status-writer.ts';
import { PodUnreachable } from '../../../../src/operator/pods/pod-client.ts';
import type { RunLedger, Work } from '../../../../src/runtime/server/ledger.ts';
import { RefusalError } from '../../../../src/runtime/server/refusal.ts';
import type { OperatorMakers } from './operator.ts';
import type { Ledger, PodMakers } from './pod.ts';
import type { Gate } from './pod-gate.ts';

/** Replaces collaborators, by ones that break the protocol. */
export type Mutation = Partial<PodMakers & OperatorMakers>;

/** Pods hear whatever leader speaks, also one that has been replaced. */
const withoutEpochs = (gate: Gate): Gate => ({
  check: (token) => gate.check({ ...token, epoch: Number.MAX_SAFE_INTEGER }),
});

/** A ledger under other names: an id that is to be forgotten gets another one, which the real ledger has never heard of. */
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

  /** Whether something was forgotten, so that what was refused may be taken. */
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

/** Has no room for an outcome when a run comes: the oldest goes, though nobody has acknowledged it. */
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

/** What is over and acknowledged has never been. */
class LedgerWithoutTombstones extends ForgetfulLedger {
  protected override forgets(id: string, { code }: RefusalError): boolean {
    if (code !== 'Acknowledged') return false;
    this.forget(id);
    return true;
  }
}

/** Where the object has changed, what was decided of the old one is written over the new one. */
class BlindWriter extends StatusWriter {
  override async write(execution: ExecutionProjection, status: ScriptExecutionStatus): Promise<Written> {
    const written = await super.write(execution, status);
    if (written.kind === 'written') return written;
    const now = await this.refresh(execution);
    if (now === undefined) return written;
    return await super.write({ ...execution, metadata: { ...execution.metadata, ...now.metadata } }, status);
  }
}

/** A pod that does not answer is taken for one that is gone. */
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

/** Five ways to break the protocol: each is a rule of it that is dropped. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'pods accept any epoch': { gate: withoutEpochs },
  'pods evict outcomes that nobody has acknowledged': { ledger: (real) => new EvictingLedger(real) },
  'pods forget the ids of runs that are over': { ledger: (real) => new LedgerWithoutTombstones(real) },
  'a conflict is answered by writing the same again': { writer: (...parts) => new BlindWriter(...parts) },
  'a pod that cannot be reached is taken for gone': { attempt: hastily },
};
