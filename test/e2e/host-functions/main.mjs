// The host functions of examples/host-functions, and one that takes time and no processor.
import { setTimeout as sleep } from 'node:timers/promises';
import examples from './examples.mjs';

/** @param {import('copepod').HostBridge} host */
export default function setup(host) {
  examples(host);
  host.expose('clock.sleep', async (_call, milliseconds) => {
    await sleep(Number(milliseconds));
    return milliseconds;
  });
}
