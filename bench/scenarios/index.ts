import type { Scenario } from '../workload.ts';
import { compute } from './compute.ts';
import { distinct } from './distinct.ts';
import { largeCached, largeCold, megabyteCold, typescriptCold } from './large.ts';
import { newcomers } from './newcomers.ts';
import { small } from './small.ts';
import { tenants } from './tenants.ts';
import { unseen } from './unseen.ts';

export const SCENARIOS: readonly Scenario[] = [
  small,
  compute,
  largeCold,
  megabyteCold,
  largeCached,
  typescriptCold,
  distinct,
  tenants,
  newcomers,
  unseen,
];

/** @throws Error for an unknown name. */
export function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (!found) throw new Error(`no scenario ${name}: there are ${SCENARIOS.map((s) => s.name).join(', ')}`);
  return found;
}
