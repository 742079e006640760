import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a script did, as its host functions saw it. */
export interface JournalEntry {
  readonly what: 'ran' | 'stopped';
  readonly label: string;
  /** Of the ScriptExecution. */
  readonly uid: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What scripts really did, whatever a status says; and the gates that they wait at. */
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

  /** The labels of the scripts that ran, in the order of their starts. */
  ran(): string[] {
    return this.entries()
      .filter(({ what }) => what === 'ran')
      .map(({ label }) => label);
  }

  /** How often a script with this label ran. */
  runsOf(label: string): number {
    return this.ran().filter((each) => each === label).length;
  }

  /** Whether a script was ended while it waited at this gate. */
  wasStoppedAt(gate: string): boolean {
    return this.entries().some(({ what, label }) => what === 'stopped' && label === gate);
  }

  /** Lets through whoever waits at this gate, from now on. */
  open(gate: string): void {
    writeFileSync(join(this.directory, `gate-${gate}`), '');
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A script that says that it runs, waits at a gate of the same name, and gives a text. */
export const gated = (name: string): string =>
  `export default async () => { await count('${name}'); await gate('${name}'); return '${name} is done'; }`;

/** A script that says that it runs, takes its time, and gives its params. */
export const counted = (label: string, napMs = 0): string =>
  `export default async (params) => { await count('${label}'); await nap(${napMs}); return params; }`;
