import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Kind } from '../../../src/api/crd.ts';

const BUILDER = fileURLToPath(new URL('../build.sh', import.meta.url));

/** The health checks that Argo CD is given. */
export const HEALTH_CHECKS: Readonly<Record<Kind, string>> = {
  ScriptExecution: fileURLToPath(new URL('../../../deploy/argocd/health/script-execution.lua', import.meta.url)),
  ScriptRuntime: fileURLToPath(new URL('../../../deploy/argocd/health/script-runtime.lua', import.meta.url)),
};

export interface Verdict {
  readonly status: string;
  readonly message: string;
}

/** What GitOps tools make of an object. */
export interface Verdicts {
  /** kstatus, by which Flux waits: Current, InProgress, Failed or Terminating. */
  readonly kstatus: Verdict;
  /** Argo CD with our health check: Healthy, Progressing, Degraded or Suspended. */
  readonly argoCD: Verdict;
}

/**
 * What kstatus and Argo CD say of each of these objects, by their own code. Builds the program that asks them where it is
 * not there: a minute, once. Throws one sentence where it can't be built.
 */
export function verdictsOf(objects: readonly object[]): Verdicts[] {
  const checks = Object.entries(HEALTH_CHECKS).map(([kind, file]) => `${kind}=${file}`);
  const input = JSON.stringify(objects);
  return JSON.parse(execFileSync(builtProgram(), checks, { input, encoding: 'utf8' })) as Verdicts[];
}

function builtProgram(): string {
  try {
    return execFileSync(BUILDER, { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' }).trim();
  } catch {
    throw new Error(
      'The program that asks kstatus and Argo CD could not be built (above): it needs Go 1.26 or later (https://go.dev/dl).',
    );
  }
}
