import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installPackage, packageDirectory } from '../cache.ts';
import { closedLoop } from '../closed-loop.ts';
import type { Contestant } from '../contestant.ts';
import { declarationsOf, type Workload } from '../workload.ts';

/** The newest that could be installed: 0.3.3 asks for @secure-exec/core 0.3.3, which npm did not find (ETARGET). */
const VERSION = '0.2.1';

/** What is used of the package, which is no dependency of this repository. */
interface SecureExec {
  readonly NodeRuntime: new (options: object) => Runtime;
  createNodeDriver(): object;
  createNodeRuntimeDriverFactory(): object;
}
interface Runtime {
  run(code: string): Promise<{ code: number; exports?: unknown; errorMessage?: string }>;
  dispose(): void;
}

export const secureExec: Contestant = {
  name: 'secure-exec',
  note: `new isolate per run (secure-exec ${VERSION}), with Node's modules in it; a runtime for each VM`,
  prepare: () => installPackage('secure-exec', VERSION),
  start: async (lanes) => {
    const entry = join(packageDirectory('secure-exec', VERSION), 'node_modules/secure-exec/dist/index.js');
    const library = (await import(pathToFileURL(entry).href)) as SecureExec;
    const runtimes = Array.from(
      { length: lanes },
      () =>
        new library.NodeRuntime({
          systemDriver: library.createNodeDriver(),
          runtimeDriverFactory: library.createNodeRuntimeDriverFactory(),
          memoryLimit: 128,
        }),
    );
    const idle = [...runtimes];
    const execute = async (workload: Workload, index: number) => {
      const runtime = idle.pop();
      if (runtime === undefined) throw new Error('more executions than runtimes');
      const source = declarationsOf(workload.source(index));
      const call = `module.exports = main(${JSON.stringify(workload.params)});`;
      const { code, exports, errorMessage } = await runtime.run(`${source}\n${call}`);
      idle.push(runtime);
      if (code !== 0) throw new Error(errorMessage ?? `exit code ${code}`);
      return JSON.stringify(exports);
    };
    return {
      measure: (workload, load) => closedLoop(execute, workload, load),
      close: async () => {
        for (const runtime of runtimes) runtime.dispose();
      },
    };
  },
};
