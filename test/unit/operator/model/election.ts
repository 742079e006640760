import { Term } from '../../../../src/kube/leadership.ts';
import type { Network } from './network.ts';
import type { Operator } from './operator.ts';
import type { VirtualTime } from './virtual-time.ts';

const LEASE_MS = 15_000;
const RENEW_DEADLINE_MS = 10_000;
const TICK_MS = 2500;

interface Lease {
  readonly holder: Operator;
  readonly term: Term;
  renewedAt: number;
}

/**
 * The Lease and its candidates, without the messages of the election (they have their own tests). A holder that runs and
 * reaches the API server renews its real `Term`; any other loses the lease after 15 s, and by its own clock after 10 s.
 */
export class Election {
  readonly #time: VirtualTime;
  readonly #network: Network;
  readonly #operators: readonly Operator[];
  readonly #tell: (line: string) => void;
  #lease: Lease | undefined;
  #last: Operator | undefined;
  #epoch = 0;

  constructor(time: VirtualTime, network: Network, operators: readonly Operator[], tell: (line: string) => void) {
    this.#time = time;
    this.#network = network;
    this.#operators = operators;
    this.#tell = tell;
    this.#tick();
  }

  get leader(): Operator | undefined {
    return this.#lease?.holder;
  }

  #tick(): void {
    this.#look();
    this.#time.after(TICK_MS, undefined, () => this.#tick());
  }

  #look(): void {
    const { now } = this.#time;
    const lease = this.#lease;
    if (lease !== undefined && lease.holder.leads === lease.term && this.#canReach(lease.holder)) {
      lease.renewedAt = now;
      this.#time.after(0, lease.holder.process, () => lease.term.extend(now + RENEW_DEADLINE_MS));
      return;
    }
    if (lease !== undefined && now - lease.renewedAt < LEASE_MS) return;
    const ready = this.#operators.filter((each) => each.isReady && this.#canReach(each));
    const next = ready.find((each) => each !== this.#last) ?? ready[0]; // another one, if there is one
    if (next === undefined) return;
    this.#last = next;
    this.#epoch += 1;
    const epoch = this.#epoch;
    this.#tell(`${next.name} leads, epoch ${epoch}`);
    this.#time.after(0, next.process, () => {
      const term = new Term(epoch, now + RENEW_DEADLINE_MS);
      const taken = { holder: next, term, renewedAt: now };
      this.#lease = taken;
      const released = (): void => {
        if (this.#lease === taken) this.#lease = undefined;
      };
      void next.lead(term, released);
    });
  }

  #canReach(operator: Operator): boolean {
    return operator.process.state === 'up' && this.#network.cutFor(operator.name, 'api') === 0;
  }
}
