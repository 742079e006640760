// The host functions of examples/host-functions, and two that take time without CPU: a fixed time, or until the pod
// gets a signal.
import { setTimeout as sleep } from 'node:timers/promises';
import examples from './examples.mjs';

const told = new Promise((resolve) => void process.once('SIGUSR2', resolve));

/** @param {import('copepod').HostBridge} host */
export default function setup(host) {
  examples(host);
  host.expose('clock.sleep', async (_call, milliseconds) => {
    await sleep(Number(milliseconds));
    return milliseconds;
  });
  host.expose('pod.told', async () => {
    await told;
    return true;
  });
}
