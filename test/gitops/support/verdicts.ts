import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Kind } from '../../../src/api/crd.ts';
import { goProgram } from '../../support/go-program.ts';

const PROGRAM = new URL('../verdicts/', import.meta.url);

/** The health checks given to Argo CD. */
export const HEALTH_CHECKS: Readonly<Record<Kind, string>> = {
  ScriptExecution: fileURLToPath(new URL('../../../deploy/argocd/health/script-execution.lua', import.meta.url)),
  ScriptRuntime: fileURLToPath(new URL('../../../deploy/argocd/health/script-runtime.lua', import.meta.url)),
  ScriptSchedule: fileURLToPath(new URL('../../../deploy/argocd/health/script-schedule.lua', import.meta.url)),
  ScriptEndpoint: fileURLToPath(new URL('../../../deploy/argocd/health/script-endpoint.lua', import.meta.url)),
};

export interface Verdict {
  readonly status: string;
  readonly message: string;
}

/** The health of an object in GitOps tools. */
export interface Verdicts {
  /** Status of kstatus, which Flux waits for: Current, InProgress, Failed or Terminating. */
  readonly kstatus: Verdict;
  /** Health of Argo CD with our health check: Healthy, Progressing, Degraded or Suspended. */
  readonly argoCD: Verdict;
}

/**
 * The health of each object by the code of kstatus and Argo CD. Builds the program that runs them if needed: a minute,
 * once. Throws an error that says what to install if it cannot be built.
 */
export function verdictsOf(objects: readonly object[]): Verdicts[] {
  const checks = Object.entries(HEALTH_CHECKS).map(([kind, file]) => `${kind}=${file}`);
  const program = goProgram(PROGRAM, 'verdicts', 'kstatus, and Lua as in Argo CD');
  const input = JSON.stringify(objects);
  return JSON.parse(execFileSync(program, checks, { input, encoding: 'utf8' })) as Verdicts[];
}
