import type { ConfigMap } from '../../api/config-map.ts';
import { loadManifests } from '../../api/manifest.ts';
import type { Secret } from '../../api/secret.ts';
import type { ScriptEndpoint, ScriptRuntime } from '../../api/types.generated.ts';
import { UsageError } from '../../api/usage-error.ts';
import type { LocalObjects } from '../../gateway/local/local-executor.ts';
import { problemsCount, problemsText, skippedText, unrenderedText, warningsText } from '../output/problems.ts';
import { terminalStyle } from '../output/style.ts';
import { findFiles } from './find-files.ts';
import { readText } from './read-text.ts';

/**
 * Reads the objects that a server without a cluster serves.
 * @returns undefined where a manifest is invalid, and that has been said
 * @throws UsageError where a file cannot be read, or is a script
 */
export async function readLocalObjects(names: readonly string[], namespace: string): Promise<LocalObjects | undefined> {
  const { files, unrendered } = names.length === 0 ? { files: [], unrendered: [] } : await findFiles(names);
  const script = files.find(({ kind }) => kind === 'script');
  if (script !== undefined) {
    throw new UsageError(
      `${script.path}: is a script; the runtimes of manifests are served`,
      "'copepod run' runs scripts",
    );
  }
  const inputs = await Promise.all(
    files.map(async ({ path }) => ({ file: path === '-' ? 'stdin' : path, text: await readText(path) })),
  );
  const { documents, skipped, problems, warnings } = loadManifests(inputs, { namespace });
  const style = terminalStyle(process.stderr);
  process.stderr.write(unrenderedText(unrendered) + skippedText(skipped) + warningsText(warnings, style));
  if (problems.length > 0) {
    process.stderr.write(problemsText(problems, style));
    process.stderr.write(`copepod: ${problemsCount(problems)}: nothing is served\n`);
    return undefined;
  }
  const objects = documents.map(({ object }) => object);
  return {
    runtimes: objects.filter((object): object is ScriptRuntime => object.kind === 'ScriptRuntime'),
    configMaps: objects.filter((object): object is ConfigMap => object.kind === 'ConfigMap'),
    endpoints: objects.filter((object): object is ScriptEndpoint => object.kind === 'ScriptEndpoint'),
    secrets: objects.filter((object): object is Secret => object.kind === 'Secret'),
  };
}
