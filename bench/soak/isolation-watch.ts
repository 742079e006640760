import type { RuntimeObserver, TenantIsolation } from '../engine.ts';

type Started = Parameters<NonNullable<RuntimeObserver['executionStarted']>>[0];

/** Checks at every start of an execution that no tenant runs where another tenant's script has run. */
export class IsolationWatch implements RuntimeObserver {
  readonly #isolation: TenantIsolation;
  readonly #violation: (text: string) => void;
  readonly #tenantOfIsolate = new Map<string, string>();
  readonly #tenantOfProcess = new Map<string, string>();
  started = 0;

  constructor(isolation: TenantIsolation, violation: (text: string) => void) {
    this.#isolation = isolation;
    this.#violation = violation;
  }

  executionStarted({ vmId, pid, isolateId, tenantKey }: Started): void {
    this.started++;
    // The kernel may reuse a process id; a VM's id is unique.
    const process = `VM ${vmId} (process ${pid})`;
    this.#check(this.#tenantOfIsolate, `isolate ${isolateId} of ${process}`, tenantKey, 'isolate');
    this.#check(this.#tenantOfProcess, process, tenantKey, 'process');
  }

  get isolates(): number {
    return this.#tenantOfIsolate.size;
  }

  get processes(): number {
    return this.#tenantOfProcess.size;
  }

  #check(known: Map<string, string>, place: string, tenantKey: string, kind: 'isolate' | 'process'): void {
    const before = known.get(place) ?? tenantKey;
    known.set(place, tenantKey);
    if (before !== tenantKey && (kind === 'isolate' || this.#isolation === 'Process')) {
      this.#violation(`${tenantKey} ran in ${place}, which had run a script of ${before}`);
    }
  }
}
