import { serveLocal } from '../../gateway/local/main.ts';
import { type GatewayCommandOptions, readSettings } from '../../gateway/settings.ts';
import { EXIT } from '../exit-code.ts';
import { localHost } from '../input/local-host.ts';
import { readLocalObjects } from '../input/local-objects.ts';
import { packageVersion } from '../package-version.ts';

export interface LocalGatewayOptions extends GatewayCommandOptions {
  readonly namespace: string;
  readonly hostFunctions?: string;
}

/** `copepod gateway --local`: serves the runtimes of manifests on this machine. Returns the exit code. */
export async function localGateway(names: readonly string[], options: LocalGatewayOptions): Promise<number> {
  const settings = readSettings(options, process.env);
  const objects = await readLocalObjects(names, options.namespace);
  if (objects === undefined) return EXIT.usage;
  const host = await localHost(options.hostFunctions);
  return await serveLocal({ objects, host, settings, version: packageVersion() });
}
