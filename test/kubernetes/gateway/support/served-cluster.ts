import { Cluster } from '../../operator/support/cluster.ts';
import type { Spec } from '../../operator/support/executions.ts';
import { GatewayProcess } from './gateway-process.ts';

export interface ServedCluster {
  readonly cluster: Cluster;
  readonly gateway: GatewayProcess;
}

/** Makes a namespace with an operator that leads, the ScriptRuntime `default` with one pod, and a gateway. */
export async function servedCluster(spec: Spec): Promise<ServedCluster> {
  const cluster = await Cluster.create();
  try {
    await (await cluster.startOperator()).leads();
    await cluster.makeRuntime('default', spec);
    await cluster.startPod('default');
    return { cluster, gateway: await GatewayProcess.start(cluster) };
  } catch (error) {
    await cluster.close();
    throw error;
  }
}
