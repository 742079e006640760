import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Before all tests: checks that a cluster with a ready operator exists, and loads the image with host functions. */
export default function setUp(): void {
  if (!process.env.KUBECONFIG)
    throw new Error('KUBECONFIG is not set: run make e2e, which sets it and brings up the cluster');
  run('kubectl', [
    '--namespace',
    'copepod-system',
    'rollout',
    'status',
    'deployment/copepod-operator',
    '--timeout=60s',
  ]);
  run(fileURLToPath(new URL('../host-functions/image.sh', import.meta.url)), []);
}

function run(command: string, args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? ''}${stdout}${stderr}`);
}
