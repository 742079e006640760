/**
 * Host functions of the runtime pods in these tests (`--host-functions`). Their effects are on disk, so that a crash of
 * a pod or operator cannot undo them.
 */
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostCall } from '../../../../src/index.ts';
import type { JournalEntry } from './journal.ts';

const directory = process.env.COPEPOD_TEST_JOURNAL ?? '';

function note({ context }: HostCall, what: JournalEntry['what'], label: string): void {
  const entry: JournalEntry = { what, label, uid: context.execution.id, at: Date.now() };
  appendFileSync(join(directory, 'journal'), `${JSON.stringify(entry)}\n`);
}

/** Records that the script with this label runs. */
export async function count(call: HostCall, label: string): Promise<void> {
  note(call, 'ran', label);
}

/** Waits until a test opens this gate; records if the run ends before. */
export async function gate(call: HostCall, name: string): Promise<void> {
  while (!existsSync(join(directory, `gate-${name}`))) {
    if (call.signal.aborted) {
      note(call, 'stopped', name);
      return;
    }
    await sleep(10);
  }
}

/** Takes this long. */
export async function nap(_call: HostCall, ms: number): Promise<void> {
  await sleep(ms);
}
