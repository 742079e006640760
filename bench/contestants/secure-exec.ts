import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installPackage, packageDirectory } from '../cache.ts';
import { closedLoop } from '../closed-loop.ts';
import type { Contestant } from '../contestant.ts';
import { declarationsOf, type Workload } from '../workload.ts';

/** The newest that can be installed: 0.3.3 asks for @secure-exec/core 0.3.3, which npm does not find (ETARGET). */
const VERSION = '0.2.21';

/** What is used of the package, which is no dependency of this repository. */
interface SecureExec {
  createVm(): Promise<VirtualMachine>;
  shutdown(): Promise<void>;
}
/** A virtual operating system; each evaluation gets a V8 isolate of its own in it. */
interface VirtualMachine {
  readonly javascript: { evaluate(expression: string): Promise<Evaluation> };
  dispose(): Promise<void>;
}
type Evaluation =
  | { readonly outcome: 'succeeded'; readonly value: unknown }
  | { readonly outcome: 'failed' | 'cancelled' | 'timed_out'; readonly error: { readonly message?: string } };

export const secureExec: Contestant = {
  name: 'secure-exec',
  note: `new isolate per run (secure-exec ${VERSION}), with Node's modules in it; a virtual machine for each VM`,
  prepare: () => installPackage('secure-exec', VERSION),
  start: async (lanes) => {
    const entry = join(packageDirectory('secure-exec', VERSION), 'node_modules/secure-exec/dist/index.js');
    const library = (await import(pathToFileURL(entry).href)) as SecureExec;
    const machines = await Promise.all(Array.from({ length: lanes }, () => library.createVm()));
    const idle = [...machines];
    const execute = async (workload: Workload, index: number) => {
      const machine = idle.pop();
      if (machine === undefined) throw new Error('more executions than virtual machines');
      const source = declarationsOf(workload.source(index));
      const expression = `(() => {\n${source}\nreturn main(${JSON.stringify(workload.params)});\n})()`;
      const evaluation = await machine.javascript.evaluate(expression);
      idle.push(machine);
      if (evaluation.outcome !== 'succeeded') throw new Error(evaluation.error.message ?? evaluation.outcome);
      return JSON.stringify(evaluation.value);
    };
    return {
      measure: (workload, load) => closedLoop(execute, workload, load),
      close: async () => {
        await Promise.all(machines.map((machine) => machine.dispose()));
        await library.shutdown();
      },
    };
  },
};
