import type { RuntimeObserver, TenantIsolation } from '../engine.ts';

type Started = Parameters<NonNullable<RuntimeObserver['executionStarted']>>[0];

/** Holds every start of an execution against the promise: no tenant where another one's script has run. */
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
    // A process id may come again after hours: the VM's id does not.
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
