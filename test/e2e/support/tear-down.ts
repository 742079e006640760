import { spawnSync } from 'node:child_process';

/** After all tests: removes the gateway, which the files that use it share. */
export default function tearDown(): void {
  spawnSync('kubectl', ['delete', '--kustomize', 'deploy/gateway', '--ignore-not-found', '--wait=false']);
}
