import type { ConfigMap } from '../../api/config-map.ts';
import { loadManifests } from '../../api/manifest.ts';
import type { Secret } from '../../api/secret.ts';
import type { ScriptRuntime } from '../../api/types.generated.ts';
import { UsageError } from '../../api/usage-error.ts';
import { serveLocal } from '../../gateway/local/main.ts';
import { type GatewayCommandOptions, readSettings } from '../../gateway/settings.ts';
import { loadHostFunctions } from '../../runtime/host-functions-file.ts';
import { EXIT } from '../exit-code.ts';
import { findFiles } from '../input/find-files.ts';
import { readText } from '../input/read-text.ts';
import { problemsCount, problemsText, skippedText, unrenderedText, warningsText } from '../output/problems.ts';
import { terminalStyle } from '../output/style.ts';

export interface LocalGatewayOptions extends GatewayCommandOptions {
  readonly namespace: string;
  readonly hostFunctions?: string;
}

/** `copepod gateway --local`: serves the runtimes of manifests on this machine. Returns the exit code. */
export async function localGateway(names: readonly string[], options: LocalGatewayOptions): Promise<number> {
  const settings = readSettings(options, process.env);
  const { files, unrendered } = names.length === 0 ? { files: [], unrendered: [] } : await findFiles(names);
  const script = files.find(({ kind }) => kind === 'script');
  if (script !== undefined) {
    throw new UsageError(`${script.path}: a gateway serves the runtimes of manifests`, "'copepod run' runs scripts");
  }
  const inputs = await Promise.all(
    files.map(async ({ path }) => ({ file: path === '-' ? 'stdin' : path, text: await readText(path) })),
  );
  const { documents, skipped, problems, warnings } = loadManifests(inputs, { namespace: options.namespace });
  const style = terminalStyle(process.stderr);
  process.stderr.write(unrenderedText(unrendered) + skippedText(skipped) + warningsText(warnings, style));
  if (problems.length > 0) {
    process.stderr.write(problemsText(problems, style));
    process.stderr.write(`copepod: ${problemsCount(problems)}: nothing is served\n`);
    return EXIT.usage;
  }
  const setup = options.hostFunctions === undefined ? undefined : await loadHostFunctions(options.hostFunctions);
  const objects = documents.map(({ object }) => object);
  return await serveLocal(
    {
      runtimes: objects.filter((object): object is ScriptRuntime => object.kind === 'ScriptRuntime'),
      configMaps: objects.filter((object): object is ConfigMap => object.kind === 'ConfigMap'),
      secrets: objects.filter((object): object is Secret => object.kind === 'Secret'),
    },
    settings,
    setup,
  );
}
