export interface KrewArchive {
  /** Version of the package, without a `v`. */
  readonly version: string;
  /** Where the archive is. */
  readonly uri: string;
  /** Hexadecimal SHA-256 of the archive. */
  readonly sha256: string;
  /** Page of the project. */
  readonly homepage: string;
}

/** Path of the program in the archive. */
export const KREW_BIN = 'dist/cli/kubectl-copepod.js';

/** The manifest of the plugin for Krew (krew.googlecontainer.tools/v1alpha2). Pure. */
export function krewManifest({ version, uri, sha256, homepage }: KrewArchive): object {
  const platform = (os: string): object => ({
    selector: { matchLabels: { os } },
    uri,
    sha256,
    files: [{ from: '*', to: '.' }],
    bin: KREW_BIN,
  });
  return {
    apiVersion: 'krew.googlecontainer.tools/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'copepod' },
    spec: {
      version: `v${version}`,
      homepage,
      shortDescription: 'Run scripts in a cluster and see what becomes of them',
      description: [
        'Runs JavaScript and TypeScript on a cluster with Copepod: writes a ScriptExecution, waits',
        'for it, prints its logs and its result, and exits with its exit code. Follows logs,',
        'cancels and reruns executions, shows runtimes and executions live, and says in one',
        'sentence why an execution waits or how it ended.',
      ].join('\n'),
      caveats: [
        'Needs Node 26 or later on the PATH, and Copepod in the cluster.',
        "'debug' needs the npm package: npm install --global copepod",
      ].join('\n'),
      platforms: [platform('linux'), platform('darwin')],
    },
  };
}
