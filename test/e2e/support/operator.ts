import { kubectl } from './kubectl.ts';

const OPERATOR = ['--namespace', 'copepod-system'];

/** Deletes the operator's pod and waits until another one serves. */
export async function replaceOperator(): Promise<void> {
  const selector = ['--selector', 'app.kubernetes.io/component=operator'];
  await kubectl([...OPERATOR, 'delete', 'pod', ...selector, '--wait=false']);
  await kubectl([...OPERATOR, 'rollout', 'status', 'deployment/copepod-operator', '--timeout=60s']);
}
