import { formatTime } from '../../../../src/api/time.ts';
import { keyOf } from '../../../../src/kube/object.ts';
import type { Operator } from './operator.ts';
import type { Event } from './schedule.ts';
import type { World } from './world.ts';

const DELETED_AFTER_MS = 3000;

/** Executes an event of a schedule. */
export function happen(world: World, event: Event): void {
  const { kind, ...more } = event;
  world.invariants.tell(`--- ${kind} ${JSON.stringify(more)}`);
  if (event.kind === 'create') world.create(event.script, event.backoffLimit);
  else if (event.kind === 'destine') world.network.destine(event.channel, event.fate);
  else if ('execution' in event) edit(world, event);
  else if ('operator' in event) troubleOperator(world, event);
  else troublePod(world, event);
}

/** Duration of its direct effect, in milliseconds. */
export function durationMs(event: Event): number {
  if (event.kind === 'destine') return event.fate.ms;
  return 'ms' in event ? event.ms : 0;
}

function edit(world: World, { kind, execution: index }: Extract<Event, { execution: number }>): void {
  const { api, invariants, time } = world;
  const executions = api.executions.list();
  const execution = executions[index % executions.length];
  if (execution === undefined) return;
  const { uid = '', name } = execution.metadata;
  const key = keyOf(execution);
  switch (kind) {
    case 'cancel':
      invariants.wantsCancel(uid);
      api.edit(key, (spec) => ({ ...spec, cancel: true }));
      break;
    case 'rerun':
      // Never an earlier value: a script that was stopped for another one is not wanted again.
      api.edit(key, (spec) => ({ ...spec, rerunToken: `${spec.rerunToken ?? ''}+` }));
      break;
    case 'touch':
      api.edit(key, (spec) => ({ ...spec, priority: spec.priority + 1 }));
      break;
    case 'delete':
      api.executions.remove(key);
      break;
    case 'delete slowly': {
      const metadata = { ...execution.metadata, deletionTimestamp: formatTime(new Date()) };
      api.executions.put({ ...execution, metadata });
      time.after(DELETED_AFTER_MS, undefined, () => {
        if (api.executions.get(key)?.metadata.uid === uid) api.executions.remove(key);
      });
      break;
    }
    case 'make anew':
      api.executions.remove(key);
      world.create(world.scriptOf(uid), execution.spec.backoffLimit, name);
  }
}

function troubleOperator(world: World, event: Extract<Event, { operator: number }>): void {
  const { operators, election, network, pods } = world;
  // The first is the leader, if there is one.
  const inOrder = operators.toSorted((a, b) => Number(b === election.leader) - Number(a === election.leader));
  const operator = inOrder[event.operator % inOrder.length] as Operator;
  if (operator.process.state === 'ended') return;
  switch (event.kind) {
    case 'operator crashes':
      operator.crash();
      break;
    case 'operator stops':
      operator.stop();
      break;
    case 'operator freezes':
      operator.freeze(event.ms);
      break;
    case 'watches lag':
      operator.delayWatches(event.ms);
      break;
    case 'watches break':
      operator.breakWatches();
      break;
    case 'cut': {
      const all = pods.filter(({ isThere }) => isThere).map(({ uid }) => uid);
      const one = all.length === 0 ? [] : all.slice(event.pod % all.length).slice(0, 1);
      const others = { 'the API server': ['api'], 'a pod': one, 'all pods': all }[event.from];
      for (const other of others) network.cut(operator.name, other, event.ms);
    }
  }
}

function troublePod(world: World, event: Extract<Event, { pod: number }>): void {
  const living = world.pods.filter(({ isThere, life }) => isThere && life !== undefined);
  const pod = living[event.pod % living.length];
  if (pod?.life === undefined) return;
  const { process } = pod.life;
  switch (event.kind) {
    case 'pod crashes':
      pod.crash();
      break;
    case 'pod is deleted':
      if (!pod.isEnding) world.replacePod();
      pod.delete();
      break;
    case 'pod vanishes':
      world.replacePod();
      pod.vanish();
      break;
    case 'pod is orphaned':
      world.replacePod();
      pod.orphan(event.ms);
      break;
    case 'pod is full':
      pod.life.fill(event.ms);
      break;
    case 'pod freezes':
      process.pause();
      world.time.after(event.ms, undefined, () => world.time.wake(process));
  }
}
