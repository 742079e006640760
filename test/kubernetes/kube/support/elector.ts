/**
 * A process that takes part in an election and reports its terms on stdout, one line of JSON per change.
 *
 *   node elector.ts KUBECONFIG NAMESPACE LEASE IDENTITY FILE
 *
 * While it leads it appends `EPOCH IDENTITY` to FILE every millisecond, after checking `held` and nothing else. SIGTERM
 * shuts it down. SIGUSR2 makes it stop itself like SIGSTOP, but never between the check of `held` and the append: no
 * process can avoid completing an action it has already started. SIGCONT resumes it.
 */
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeClient } from '../../../../src/kube/client.ts';
import { loadCredentials } from '../../../../src/kube/kube-config.ts';
import { LeaderElector } from '../../../../src/kube/leader-election.ts';

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
