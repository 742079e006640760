/**
 * A process that takes part in an election, and says when it leads: on stdout, a line of JSON at each change.
 *
 *   node elector.ts KUBECONFIG NAMESPACE LEASE IDENTITY FILE
 *
 * While it leads it appends lines to FILE every millisecond, asking `held` and nothing else: `EPOCH IDENTITY`.
 * SIGTERM ends it in good order. SIGUSR2 has it stop itself as SIGSTOP would, but never between `held` and the append, where no
 * process can help doing late what it was about to do: SIGCONT wakes it up.
 */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeClient } from '../../../../src/operator/kube/client.ts';
import { loadCredentials } from '../../../../src/operator/kube/kube-config.ts';
import { LeaderElector } from '../../../../src/operator/kube/leader-election.ts';

const [file = '', namespace = '', name = '', identity = '', log = ''] = process.argv.slice(2);
const client = KubeClient.to(await loadCredentials({ file }));
const times = { leaseDurationMs: 3000, renewDeadlineMs: 2000, retryPeriodMs: 400 };
const elector = new LeaderElector({ client, namespace, name, identity, ...times });
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
process.on('SIGUSR2', () => process.kill(process.pid, 'SIGSTOP'));

function say(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

say({ ready: true });
await elector.run(async (leadership) => {
  const { epoch, signal } = leadership;
  say({ leads: epoch });
  while (!signal.aborted) {
    if (leadership.held) appendFileSync(log, `${epoch} ${identity}\n`);
    await sleep(1);
  }
  say({ ended: epoch, lost: !leadership.held });
}, stop.signal);
say({ over: true });
client.close();
