import { readdirSync, readFileSync } from 'node:fs';

/** A process of the product in a pod on this machine. */
export interface PodProcess {
  readonly pid: number;
  readonly role: 'operator' | 'runtime' | 'sandbox';
  readonly namespace: string;
  readonly pod: string;
  readonly podUID: string;
}

/** cgroup path of a pod's process in the cluster of `make cluster` (cgroup in test/cluster/lib/settings.sh). */
const POD_CGROUP = /\/copepod-test\/kubepods\/.*\/pod([0-9a-f-]{36})\//;
/** Name of a pod's log folder. */
const LOG_FOLDER = /^([^_]+)_([^_]+)_([0-9a-f-]{36})$/;

/** All processes at this moment, from the kernel and the kubelet's folders: the API server may be down. */
export function podProcesses(podLogs: string): PodProcess[] {
  const pods = podsByUID(podLogs);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const found = look(Number(name));
      const pod = found && pods.get(found.podUID);
      return found && pod ? [{ ...found, ...pod }] : [];
    });
}

function podsByUID(podLogs: string): Map<string, { namespace: string; pod: string }> {
  const pods = new Map<string, { namespace: string; pod: string }>();
  for (const folder of readdirSync(podLogs)) {
    const [, namespace = '', pod = '', uid = ''] = LOG_FOLDER.exec(folder) ?? [];
    pods.set(uid, { namespace, pod });
  }
  return pods;
}

function look(pid: number): Pick<PodProcess, 'pid' | 'role' | 'podUID'> | undefined {
  try {
    const podUID = POD_CGROUP.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1];
    if (podUID === undefined) return undefined;
    const role = roleOf(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0'));
    return role && { pid, role, podUID };
  } catch {
    return undefined; // it has exited meanwhile
  }
}

function roleOf(command: readonly string[]): PodProcess['role'] | undefined {
  if (command.some((word) => /\/sandbox\/(start|zygote)\.cjs$/.test(word))) return 'sandbox';
  if (command.includes('operator')) return 'operator';
  return command.includes('runtime') ? 'runtime' : undefined;
}
