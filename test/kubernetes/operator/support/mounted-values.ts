import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A directory of values, as the kubelet mounts one into a pod (`COPEPOD_VALUES_DIR`). */
export class ValuesDirectory {
  readonly path = mkdtempSync(join(tmpdir(), 'copepod-values-'));
  #written = 0;

  /** Mounts values as the kubelet does: into a new directory, which a link is swapped to. */
  mount(files: Readonly<Record<string, string>>): void {
    const generation = `..2026_${this.#written++}`;
    mkdirSync(join(this.path, generation));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, generation, path)), { recursive: true });
      writeFileSync(join(this.path, generation, path), text);
    }
    symlinkSync(generation, join(this.path, '..data_tmp'));
    renameSync(join(this.path, '..data_tmp'), join(this.path, '..data'));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
