import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { unreadable } from '../../../api/usage-error.ts';
import { documentText } from '../../output/list.ts';
import type { Given } from './given.ts';

/**
 * Writes a file as `copepod run` reads it; one with Secrets can be read by this user alone.
 * @throws UsageError
 */
export async function saveGiven(directory: string, given: Given, isSecret: boolean): Promise<void> {
  const documents = [given.execution, given.runtime, ...given.configMaps, ...given.secrets].filter(
    (object) => object !== undefined,
  );
  const path = join(directory, 'execution.yaml');
  try {
    await mkdir(directory, { recursive: true });
    const text = documents.map((object) => documentText(object, 'yaml')).join('---\n');
    // The mode is that of a new file: one that is there would keep its own, and whoever has it open would read on.
    await rm(path, { force: true });
    await writeFile(path, text, { mode: isSecret ? 0o600 : 0o644, flag: 'wx' });
  } catch (error) {
    throw unreadable(path, error);
  }
}
