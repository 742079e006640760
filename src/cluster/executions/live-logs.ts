import { formatRunId } from '../../api/pod-protocol.ts';
import type { ExecutionClaim, ScriptExecution } from '../../api/types.generated.ts';
import { isForbidden } from '../../kube/api-error.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { PodLogOptions } from '../../kube/client-options.ts';
import { pause } from '../../kube/pause.ts';
import { CONTAINER } from '../pods/pod-template.ts';
import { type LogLine, parsePodLine, ShownLines } from './log-lines.ts';

/** Where the executions are. */
export interface LogSource {
  readonly client: KubeClient;
  readonly namespace: string;
}

/** Clocks of nodes differ, and the time is that of the operator's clock. */
const CLOCK_SKEW_MS = 60_000;
/** Time for the end of a run to arrive in its pod's log, after its outcome is recorded. */
const LAG_MS = 2000;

/**
 * The log of an execution while it runs: its lines in its pod's log as they come, and in the end those of its status that
 * did not come that way. Without the right to read pods' logs, or where the node does not answer, all come in the end.
 */
export class LiveLogs {
  readonly #cluster: LogSource;
  readonly #show: (line: LogLine) => void;
  readonly #onForbidden: () => void;
  readonly #shown = new Map<string, ShownLines>();
  readonly #streams = new Map<string, { readonly ended: Promise<void>; readonly controller: AbortController }>();

  /** @param onForbidden called where the user may not read pods' logs */
  constructor(cluster: LogSource, show: (line: LogLine) => void, onForbidden: () => void = () => {}) {
    this.#cluster = cluster;
    this.#show = show;
    this.#onForbidden = onForbidden;
  }

  /** It runs: reads its lines from its pod's log from now on. */
  running(execution: ScriptExecution): void {
    const { claim } = execution.status;
    const run = runOf(execution);
    if (claim === undefined || run === undefined || this.#streams.has(run)) return;
    const controller = new AbortController();
    const ended = this.#stream(claim, run, { signal: controller.signal, follow: true });
    this.#streams.set(run, { ended, controller });
  }

  /** It runs: shows the lines that are there now. */
  async snapshot(execution: ScriptExecution, withinMs: number): Promise<void> {
    const { claim } = execution.status;
    const run = runOf(execution);
    if (claim === undefined || run === undefined) return;
    await this.#stream(claim, run, { signal: AbortSignal.timeout(withinMs), follow: false });
  }

  /** It has finished: shows what has not been shown. */
  async finished(execution: ScriptExecution): Promise<void> {
    const run = runOf(execution);
    const stream = run === undefined ? undefined : this.#streams.get(run);
    if (stream !== undefined) await Promise.race([stream.ended, pause(LAG_MS, stream.controller.signal)]);
    await this.close();
    const lines = execution.status.logs ?? [];
    const shown = run === undefined ? undefined : this.#shown.get(run);
    for (const line of shown?.missing(lines) ?? lines) this.#show(line);
  }

  /** Ends all reading. */
  async close(): Promise<void> {
    for (const { controller } of this.#streams.values()) controller.abort();
    await Promise.all([...this.#streams.values()].map(({ ended }) => ended));
  }

  async #stream(
    { podName, claimTime }: ExecutionClaim,
    run: string,
    reading: Pick<PodLogOptions, 'signal' | 'follow'>,
  ): Promise<void> {
    const { client, namespace } = this.#cluster;
    const ref = { name: podName, namespace };
    const shown = new ShownLines();
    this.#shown.set(run, shown);
    const sinceTime = new Date(Date.parse(claimTime) - CLOCK_SKEW_MS).toISOString().replace(/\.\d+Z$/, 'Z');
    try {
      for await (const text of client.podLog(ref, { container: CONTAINER, sinceTime, ...reading })) {
        const line = parsePodLine(text, run);
        if (line === 'end') return;
        if (line === undefined) continue;
        shown.add(line);
        this.#show(line);
      }
    } catch (error) {
      // The lines come with the outcome: a pod that is gone, or a node that does not answer, loses none of them.
      if (isForbidden(error)) this.#onForbidden();
    }
  }
}

function runOf({ metadata, status }: ScriptExecution): string | undefined {
  const { claim, run = 1 } = status;
  return claim && formatRunId({ uid: metadata.uid ?? '', run, attempt: claim.attempt });
}
