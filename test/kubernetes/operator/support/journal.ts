import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An action of a script, as recorded by its host functions. */
export interface JournalEntry {
  readonly what: 'ran' | 'stopped';
  readonly label: string;
  /** uid of the ScriptExecution. */
  readonly uid: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What scripts actually did, independent of any status; and the gates they wait at. */
export class Journal {
  readonly directory = mkdtempSync(join(tmpdir(), 'copepod-journal-'));

  constructor() {
    writeFileSync(join(this.directory, 'journal'), '');
  }

  entries(): JournalEntry[] {
    const text = readFileSync(join(this.directory, 'journal'), 'utf8');
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as JournalEntry);
  }

  /** Labels of the scripts in the order of their starts. */
  ran(): string[] {
    return this.entries()
      .filter(({ what }) => what === 'ran')
      .map(({ label }) => label);
  }

  /** How often a script with this label ran. */
  runsOf(label: string): number {
    return this.ran().filter((each) => each === label).length;
  }

  /** Whether a script was stopped while it waited at this gate. */
  wasStoppedAt(gate: string): boolean {
    return this.entries().some(({ what, label }) => what === 'stopped' && label === gate);
  }

  /** Opens this gate, for all waiting and later scripts. */
  open(gate: string): void {
    writeFileSync(join(this.directory, `gate-${gate}`), '');
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/**
 * A script that records its start, waits at a gate of the same name, and returns a text. It waits before it records its start: a test that
 * ends it then would otherwise end it before the gate, where nothing records that it was stopped.
 */
export const gated = (name: string): string =>
  `export default async () => { const waits = gate('${name}'); await count('${name}'); await waits; return '${name} is done'; }`;

/** A script that records its start, takes this long, and returns its params. */
export const counted = (label: string, napMs = 0): string =>
  `export default async (params) => { await count('${label}'); await nap(${napMs}); return params; }`;
