import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const LOOK_EVERY_MS = 500;

/** Keeps the logs of pods, which the kubelet deletes with each pod, as hard links in a folder. */
export class LogKeeper {
  readonly #podLogs: string;
  readonly #folder: string;
  readonly #namespaces: readonly string[];
  readonly #timer: NodeJS.Timeout;

  constructor(podLogs: string, folder: string, namespaces: readonly string[]) {
    this.#podLogs = podLogs;
    this.#folder = folder;
    this.#namespaces = namespaces;
    mkdirSync(folder, { recursive: true });
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** Lines that contain one of these texts, each with the name of its file, ordered by time. */
  lines(texts: readonly string[]): string[] {
    return readdirSync(this.#folder)
      .flatMap((name) => {
        const lines = readFileSync(join(this.#folder, name), 'utf8').split('\n');
        return lines.filter((line) => texts.some((text) => line.includes(text))).map((line) => ({ name, line }));
      })
      .sort((one, other) => (one.line < other.line ? -1 : 1)) // each starts with its time
      .map(({ name, line }) => `${name}: ${line}`);
  }

  /** Stops keeping logs. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #look(): void {
    for (const pod of filesIn(this.#podLogs)) {
      if (!this.#namespaces.some((namespace) => pod.startsWith(`${namespace}_`))) continue;
      for (const container of filesIn(join(this.#podLogs, pod))) {
        for (const file of filesIn(join(this.#podLogs, pod, container))) {
          const name = `${pod.split('_')[1]}-${file}`;
          try {
            linkSync(join(this.#podLogs, pod, container, file), join(this.#folder, name));
          } catch {
            // kept already, or gone
          }
        }
      }
    }
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // the kubelet has deleted it
  }
}
