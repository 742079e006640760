import { parseRunId } from '../../../../src/api/pod-protocol.ts';
import type { ExecutionClaim, ScriptExecution, ScriptExecutionStatus } from '../../../../src/api/types.generated.ts';
import { keyOf } from '../../../../src/kube/object.ts';
import type { ExecutionProjection } from '../../../../src/operator/executions/execution-projection.ts';
import { isFinished } from '../../../../src/operator/executions/finished.ts';
import { isSettled } from '../../../../src/operator/executions/orphans.ts';
import type { ApiServer } from './api-server.ts';

/** Notified of all relevant events. */
export interface Observer {
  /** A pod starts the script of a run. Returns the result of this start. */
  started(id: string, podUID: string, bootID: string): string;
  /** A pod forgets an outcome. */
  acknowledged(id: string): void;
}

interface Start {
  readonly podUID: string;
  readonly bootID: string;
  readonly result: string;
}

interface Claimed {
  readonly podUID: string;
  readonly bootID: string;
  isReleased: boolean;
}

export interface InvariantParts {
  readonly api: () => ApiServer;
  readonly now: () => number;
  /** Whether this boot of the pod is running, and its object exists. */
  readonly isAlive: (podUID: string, bootID: string) => boolean;
}

/** A run whose pod is unreachable is abandoned after this time by the operator's clock: timeout of the script plus 30 s. */
const GIVEN_UP_AFTER_MS = 60_000;

/** The invariants of every step. Keeps the first violation. */
export class Invariants implements Observer {
  violation: string | undefined;
  /** The events, for people. */
  readonly story: string[] = [];
  readonly #parts: InvariantParts;
  readonly #starts = new Map<string, Start[]>();
  /** The highest number of attempts written, by `uid.run`. */
  readonly #attempts = new Map<string, number>();
  readonly #claims = new Map<string, Claimed[]>();
  readonly #claimedAt = new Map<string, number>();
  readonly #cancelled = new Set<string>();

  constructor(parts: InvariantParts) {
    this.#parts = parts;
  }

  get startsInAll(): number {
    return [...this.#starts.values()].reduce((sum, starts) => sum + starts.length, 0);
  }

  tell(line: string): void {
    this.story.push(`${(this.#parts.now() / 1000).toFixed(3).padStart(8)} s  ${line}`);
  }

  violated(what: string): void {
    if (this.violation !== undefined) return;
    this.violation = what;
    this.tell(`VIOLATED: ${what}`);
  }

  wantsCancel(uid: string): void {
    this.#cancelled.add(uid);
  }

  started(id: string, podUID: string, bootID: string): string {
    const starts = this.#starts.get(id) ?? [];
    const result = `${id} on ${podUID}/${bootID}, start ${starts.length + 1}`;
    this.#starts.set(id, [...starts, { podUID, bootID, result }]);
    this.tell(`${podUID}/${bootID} starts ${id}`);
    if (starts.length > 0)
      this.violated(
        `never twice: ${id} was started on ${starts[0]?.podUID}/${starts[0]?.bootID}, and again on ${podUID}/${bootID}`,
      );

    const { uid = '', run = 0 } = parseRunId(id) ?? {};
    const ofRun = [...this.#starts].filter(([each]) => each.startsWith(`${uid}.${run}.`));
    const count = ofRun.reduce((sum, [, each]) => sum + each.length, 0);
    const attempts = this.#attempts.get(`${uid}.${run}`) ?? 0;
    if (count > attempts)
      this.violated(`attempts: run ${uid}.${run} was started ${count} times with ${attempts} attempts`);

    const claims = this.#claims.get(id)?.filter((claim) => claim.podUID === podUID && claim.bootID === bootID) ?? [];
    if (claims.length === 0) this.violated(`claim first: ${id} started where no claim ever named ${podUID}/${bootID}`);
    else if (claims.every(({ isReleased }) => isReleased))
      this.violated(`a refusal is definite: ${id} started on ${podUID}/${bootID} after its claim was released`);
    return result;
  }

  acknowledged(id: string): void {
    this.tell(`${id} is acknowledged`);
    const run = parseRunId(id);
    if (run === undefined) return;
    const execution = this.#parts
      .api()
      .executions.list()
      .find(({ metadata }) => metadata.uid === run.uid);
    if (execution?.metadata.deletionTimestamp !== undefined) return;
    if (isSettled(execution as ExecutionProjection | undefined, run)) return;
    this.violated(`recorded, then acknowledged: the outcome of ${id} is wanted, and its pod was told to forget it`);
  }

  /** A status was written. */
  written(before: ScriptExecution, after: ScriptExecution): void {
    const { uid = '' } = after.metadata;
    const [old, status] = [before.status, after.status];
    const { run = 0 } = status;
    this.tell(`status of ${keyOf(after)} ${uid}: ${briefly(old)} → ${briefly(status)}`);
    const attempts = Math.max(this.#attempts.get(`${uid}.${run}`) ?? 0, status.attempts ?? 0);
    this.#attempts.set(`${uid}.${run}`, attempts);
    this.#checkOrder(uid, old, status);
    this.#checkClaim(uid, old, status);
    if (isFinished(status) && !isFinished(old)) this.#checkEnd(uid, old, status);
    const last = status.attemptHistory?.at(-1);
    if (last?.reason === 'PodLost' && last.attempt !== old.attemptHistory?.at(-1)?.attempt) this.#checkLost(uid, old);
    if ((status.attempts ?? 0) > after.spec.backoffLimit + 1)
      this.violated(`attempts: ${uid}.${run} has ${status.attempts} with backoffLimit ${after.spec.backoffLimit}`);
  }

  #checkOrder(uid: string, old: ScriptExecutionStatus, status: ScriptExecutionStatus): void {
    const [oldRun, run] = [old.run ?? 1, status.run ?? 1];
    if (run < oldRun) this.violated(`newer runs stay: ${uid} went back from run ${oldRun} to ${run}`);
    if (run !== oldRun || !isFinished(old)) return;
    const isSame = reasonOf(old) === reasonOf(status) && JSON.stringify(old.result) === JSON.stringify(status.result);
    if (!isSame) this.violated(`an end is an end: ${uid}.${run} was ${briefly(old)} and became ${briefly(status)}`);
  }

  #checkClaim(uid: string, old: ScriptExecutionStatus, status: ScriptExecutionStatus): void {
    const [was, is] = [old.claim, status.claim];
    const isSameRun = (old.run ?? 1) === (status.run ?? 1);
    if (is && !(was && isSameRun)) {
      const id = `${uid}.${status.run}.${is.attempt}`;
      const { podUID, bootID } = is;
      this.#claims.set(id, [...(this.#claims.get(id) ?? []), { podUID, bootID, isReleased: false }]);
      this.#claimedAt.set(uid, this.#parts.now());
    } else if (is && was && !isSameClaim(was, is)) {
      this.violated(`claims are not overwritten: ${uid} was claimed for ${was.podUID}, and for ${is.podUID}`);
    } else if (was && !is && isSameRun && (status.attempts ?? 0) < (old.attempts ?? 0)) {
      const id = `${uid}.${old.run}.${was.attempt}`;
      for (const claim of this.#claims.get(id) ?? []) claim.isReleased = true;
      const started = this.#starts.get(id)?.[0];
      if (started) this.violated(`a refusal is definite: the claim of ${id} was released, and it was started`);
    }
  }

  #checkEnd(uid: string, old: ScriptExecutionStatus, status: ScriptExecutionStatus): void {
    const { run = 1, attempts = 1 } = status;
    const id = `${uid}.${run}.${old.claim?.attempt ?? attempts}`;
    const reason = reasonOf(status);
    if (reason === 'Completed') {
      const starts = this.#starts.get(id) ?? [];
      if (starts.length !== 1 || starts[0]?.result !== status.result)
        this.violated(`true results: ${id} completed with "${status.result}", of ${starts.length} starts`);
    }
    if (reason === 'PodLost') this.#checkLost(uid, old);
    if (reason === 'Cancelled' && !this.#cancelled.has(uid)) this.violated(`nobody has cancelled ${id}`);
  }

  /** Unreachable is not gone. */
  #checkLost(uid: string, { claim }: ScriptExecutionStatus): void {
    if (claim === undefined) return;
    const sinceMs = this.#parts.now() - (this.#claimedAt.get(uid) ?? 0);
    if (sinceMs >= GIVEN_UP_AFTER_MS || !this.#parts.isAlive(claim.podUID, claim.bootID)) return;
    this.violated(`unreachable is not gone: ${uid} is PodLost after ${sinceMs} ms, and its pod lives`);
  }
}

const isSameClaim = (one: ExecutionClaim, other: ExecutionClaim): boolean =>
  one.podUID === other.podUID && one.bootID === other.bootID && one.attempt === other.attempt;

function reasonOf(status: ScriptExecutionStatus): string {
  return status.conditions?.find(({ type }) => type === 'Succeeded')?.reason ?? 'new';
}

function briefly(status: ScriptExecutionStatus): string {
  const { run = 1, attempts = 0, claim } = status;
  const where = claim === undefined ? '' : ` on ${claim.podUID}/${claim.bootID}`;
  return `${reasonOf(status)} (run ${run}, attempts ${attempts}${where})`;
}
