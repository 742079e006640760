import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { SCRIPT_EXECUTIONS } from '../../../src/cluster/resources.ts';
import { BearerCredentials } from '../../../src/dashboard/access/bearer-credentials.ts';
import { KubeClient } from '../../../src/kube/client.ts';
import { currentConnection } from '../../api-server/connection.ts';
import { eventually } from '../../support/until.ts';
import { Cluster } from '../operator/support/cluster.ts';
import { BrowserPage, startBrowser } from './support/browser.ts';
import { DashboardProcess } from './support/dashboard-process.ts';
import { makeExecutions } from './support/made-objects.ts';

// Ten thousand writes take minutes on a machine whose cores are busy.
jest.setTimeout(600_000);

const COUNT = 10_000;
/** Has a status as an operator would have written it; the others wait. */
const WITH_STATUS = 100;

let cluster: Cluster;
let client: KubeClient;
let browser: Browser;
let dashboard: DashboardProcess;

beforeAll(async () => {
  cluster = await Cluster.create();
  const { url, certificateAuthority, token } = currentConnection();
  client = KubeClient.to(new BearerCredentials(new URL(url), certificateAuthority, token));
  await makeExecutions(client, cluster.namespace, { count: COUNT, withStatus: WITH_STATUS });
  browser = await startBrowser();
  dashboard = await DashboardProcess.start(cluster.namespace);
}, 900_000);
afterAll(async () => {
  await browser?.close();
  await dashboard?.stop();
  client?.close();
  await cluster?.close();
});

test(`${COUNT} executions are one list: few of its rows are in the document, and each change is shown`, async () => {
  const startedAt = performance.now();
  await using shown = await BrowserPage.open(browser, dashboard.url);
  const { page } = shown;
  const rows = page.locator('[role=row][id]');
  await rows.first().waitFor();
  const firstRowMs = performance.now() - startedAt;
  const grid = page.getByRole('grid', { name: 'Executions' });
  await eventually(async () => expect(await grid.getAttribute('aria-rowcount')).toBe(String(COUNT + 1)));
  const allMs = performance.now() - startedAt;
  expect(await rows.count()).toBeLessThan(60);

  // The last row, by the keyboard, and the first again.
  await grid.focus();
  await page.keyboard.press('End');
  await page.locator(`[aria-rowindex="${COUNT + 1}"]`).waitFor();
  await page.keyboard.press('Home');
  await page.locator('[aria-rowindex="2"]').waitFor();
  expect(await rows.count()).toBeLessThan(60);

  const name = 'vat-check-09999';
  await page.getByLabel('Filter executions').fill(name);
  await shown.row(name).getByText('Pending').waitFor();
  const ref = { name, namespace: cluster.namespace };
  const execution = await client.get(SCRIPT_EXECUTIONS, ref);
  const condition = {
    type: 'Succeeded',
    status: 'False',
    reason: 'RuntimeError',
    message: 'no',
    lastTransitionTime: new Date().toISOString(),
  };
  const status = { observedGeneration: 1, conditions: [condition] };
  const changedAt = performance.now();
  await client.replaceStatus(SCRIPT_EXECUTIONS, { ...execution, status } as never);
  await shown.row(name).getByText('RuntimeError').waitFor();
  const updateMs = performance.now() - changedAt;
  await client.delete(SCRIPT_EXECUTIONS, ref);
  await page.getByText('No execution is like that').waitFor();
  await page.getByLabel('Filter executions').fill('');
  await eventually(async () => expect(await grid.getAttribute('aria-rowcount')).toBe(String(COUNT)));
  expect(shown.errors).toEqual([]);
  const figures = [
    `first row ${Math.round(firstRowMs)} ms`,
    `all rows ${Math.round(allMs)} ms`,
    `a change ${Math.round(updateMs)} ms`,
  ];
  process.stderr.write(`dashboard with ${COUNT} executions: ${figures.join(', ')} after the request\n`);
});
