import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Browser, Locator } from 'playwright-core';
import { currentConnection } from '../../api-server/connection.ts';
import { eventually } from '../../support/until.ts';
import { Kubelet } from '../kubectl/support/kubelet.ts';
import { makeUser } from '../kubectl/support/user.ts';
import { Cluster } from '../operator/support/cluster.ts';
import { gated } from '../operator/support/journal.ts';
import { BrowserPage, startBrowser } from './support/browser.ts';
import { DashboardProcess } from './support/dashboard-process.ts';

// A browser, an operator and a pod: seconds, on a busy machine.
jest.setTimeout(240_000);

/** A script whose totals need a discount that is not there. */
const BROKEN = `// Totals an order.
interface Order { count: number; discount?: { percent: number } }
const order: Order = { count: 3 };
console.info('count is', order.count);
const percent = order.discount!.percent;
({ percent });
`;

/** Markup, a script, terminal escapes and characters that reorder text, wherever a script can put a text. */
const HOSTILE = '<img src=x onerror=alert(1)><script>alert(2)</script>\\u001b[31mred\\u202etxt.exe';

let cluster: Cluster;
let kubelet: Kubelet;
let browser: Browser;
let own: DashboardProcess;
let viewers: DashboardProcess;

beforeAll(async () => {
  cluster = await Cluster.create();
  await (await cluster.startOperator()).leads();
  await cluster.makeRuntime('default', { pool: { size: 6 }, limits: { timeout: '10m' } });
  const pod = await cluster.startPod();
  kubelet = await Kubelet.start(cluster.api, new Map([[pod.name, pod.process]]));
  const { api, namespace, executions } = cluster;
  await cluster.makeSource('files', {
    'main.ts': "import { vat } from './vat.ts';\nvat(0);\n",
    'vat.ts':
      "export function vat(rate: number): number {\n  if (rate === 0) throw new RangeError('no rate');\n  return rate;\n}\n",
  });
  await executions.create('fine', { source: "console.log('hello');\n({ answer: 42 })" });
  await executions.create('broken', { source: BROKEN, language: 'TypeScript', params: { order: 7 } });
  await executions.create('in-files', { sourceFrom: { configMapRef: { name: 'files', main: 'main.ts' } } });
  await executions.create('held', { source: "'went on'", suspend: true });
  await executions.create('hostile', {
    source: `console.error("${HOSTILE}"); throw new Error("${HOSTILE}")`,
    context: { tenant: { id: '<b>bold</b>' } },
  });
  const kind = { apiVersion: 'copepod.dev/v1alpha1' };
  const executionTemplate = { spec: { source: '1' } };
  const schedule = { schedule: '0 3 * * *', timeZone: 'Europe/Berlin', executionTemplate };
  await api.apply({ ...kind, kind: 'ScriptSchedule', metadata: { name: 'nightly', namespace }, spec: schedule });
  const endpoint = { source: "export default () => new Response('hi')", auth: { type: 'None' } };
  await api.apply({ ...kind, kind: 'ScriptEndpoint', metadata: { name: 'orders', namespace }, spec: endpoint });
  browser = await startBrowser();
  own = await DashboardProcess.start(namespace);
  viewers = await DashboardProcess.start(namespace, { token: await makeUser(api, namespace, 'copepod-view') });
  await executions.ended(['fine', 'broken', 'in-files', 'hostile']);
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await Promise.all([own?.stop(), viewers?.stop()]);
  await cluster?.close();
  await kubelet?.close();
});

/** A browser that shows the dashboard of the administrator. */
const open = async (options = {}): Promise<BrowserPage> =>
  await (await BrowserPage.open(browser, own.url, options)).live();

describe('the list of executions', () => {
  test('shows their states, and is filtered by words and by states', async () => {
    await using shown = await open();
    const { page } = shown;
    await shown.row('fine').getByText('Succeeded').waitFor();
    await shown.row('broken').getByText('RuntimeError').waitFor();
    await shown.row('held').getByText('Suspended').waitFor();
    const grid = page.getByRole('grid', { name: 'Executions' });
    const total = page.getByRole('status').filter({ hasText: /^\d+( of \d+)?$/ });
    const all = Number(await total.textContent());
    await page.getByRole('button', { name: /^Failed/ }).click();
    await expectText(total, `3 of ${all}`);
    await page.getByLabel('Filter executions').fill('cannot read');
    await expectText(total, `1 of ${all}`);
    await shown.row('broken').waitFor();
    await page.getByLabel('Filter executions').fill('nothing like that');
    await grid.getByText('No execution is like that').waitFor();
    expect(shown.errors).toEqual([]);
  });

  test('shows an execution that is new, and each change of it, without being loaded again', async () => {
    await using shown = await open();
    await shown.page.evaluate('globalThis.isSamePage = true');
    await cluster.executions.create('new', { source: gated('new') });
    await shown.row('new').getByText('Running').waitFor();
    cluster.journal.open('new');
    await shown.row('new').getByText('Succeeded').waitFor();
    await cluster.executions.delete('new');
    await shown.row('new').waitFor({ state: 'detached' });
    expect(await shown.page.evaluate('globalThis.isSamePage')).toBe(true);
  });
});

describe('an execution', () => {
  test('that failed shows its source with the place of the error marked, its log, usage, timeline and conditions', async () => {
    await using shown = await open();
    const { page } = shown;
    await shown.openRow('broken');
    const panel = page.getByRole('region', { name: 'broken' });
    await panel.getByText(/broken\.ts:5:\d+/).waitFor();
    const code = panel.getByRole('region', { name: 'Source of the script' });
    expect(await code.locator('mark').textContent()).toBe('percent');
    expect(await code.locator('.line-bad').textContent()).toBe('5const percent = order.discount!.percent;');
    await code.getByText(/↑ TypeError: Cannot read properties of undefined/).waitFor();
    await panel.getByRole('region', { name: 'Log lines' }).getByText('count is 3').waitFor();
    await panel
      .getByRole('region', { name: 'Usage' })
      .getByText(/of 10 min/)
      .waitFor();
    const timeline = panel.getByRole('region', { name: 'Timeline' });
    for (const entry of ['Created', 'Run assigned to a pod', 'Script started', 'RuntimeError']) {
      await timeline.getByText(entry, { exact: true }).waitFor();
    }
    await panel.getByRole('region', { name: 'Conditions' }).getByText('Stalled').waitFor();
    expect(await panel.getByRole('region', { name: 'Params' }).textContent()).toBe('{\n  "order": 7\n}');
  });

  test('of several files shows the file that the error is in', async () => {
    await using shown = await open();
    await shown.openRow('in-files');
    const code = shown.page.getByRole('region', { name: 'Source of the script' });
    expect(await code.locator('.line-bad').textContent()).toMatch(/^2 {2}if \(rate === 0\) throw new RangeError/);
    await shown.page.getByRole('button', { name: 'main.ts' }).click();
    await code.getByText("'./vat.ts'").waitFor();
    expect(await code.locator('mark').count()).toBe(0);
  });

  test('that succeeded shows its result', async () => {
    await using shown = await open();
    await shown.openRow('fine');
    const result = shown.page.getByRole('region', { name: 'Result', exact: true }).locator('pre');
    expect(await result.textContent()).toBe('{\n  "answer": 42\n}');
  });

  test('that runs shows its log as the script writes it', async () => {
    const source = "export default async () => { console.log('before'); await gate('logging'); console.log('after'); }";
    await cluster.executions.create('logging', { source });
    await using shown = await open();
    await shown.openRow('logging');
    const log = shown.page.getByRole('region', { name: 'Log', exact: true });
    await log.getByText('before').waitFor();
    await log.getByText('live').waitFor();
    cluster.journal.open('logging');
    await log.getByText('after').waitFor();
    await log.getByText('live').waitFor({ state: 'detached' });
    expect(await log.locator('.log-text').allTextContents()).toEqual(['before', 'after']);
  });

  test('that is deleted says so', async () => {
    await cluster.executions.create('deleted', { source: '1' });
    await using shown = await open();
    await shown.openRow('deleted');
    await cluster.executions.delete('deleted');
    await shown.page.getByText('It does not exist').waitFor();
  });
});

describe('hostile text', () => {
  test('in logs, errors and names is shown as text: nothing is run, nothing is fetched, nothing is hidden', async () => {
    await using shown = await open();
    const { page } = shown;
    await shown.row('hostile').getByText('<b>bold</b>').waitFor();
    await shown.openRow('hostile');
    const visible = '<img src=x onerror=alert(1)><script>alert(2)</script>\\x1b[31mred\\u202etxt.exe';
    await page.getByRole('region', { name: 'Log lines' }).getByText(visible).waitFor();
    await page.locator('.error-message').getByText(visible).waitFor();
    expect(await page.locator('#page script, #page [onerror], #page b, #page img:not([src="/icon.svg"])').count()).toBe(
      0,
    );
    expect({ dialogs: shown.dialogs, foreign: shown.foreign, errors: shown.errors }).toEqual({
      dialogs: [],
      foreign: [],
      errors: [],
    });
  });

  test('is no markup and no code for the page: its policy refuses both', async () => {
    await using shown = await open();
    const refused = await shown.page.evaluate(`(() => {
      const tried = (action) => { try { action(); return 'done'; } catch (error) { return error.name; } };
      return [
        tried(() => { document.body.innerHTML = '<p>markup</p>'; }),
        tried(() => { document.createElement('script').src = '/page.js'; }),
      ];
    })()`);
    expect(refused).toEqual(['TypeError', 'TypeError']);
    const script = 'data:text/javascript,1';
    await shown.page.evaluate(`fetch(${JSON.stringify(script)}).catch(() => {})`);
    expect(shown.errors.join('\n')).toMatch(/Content Security Policy/);
  });
});

describe('what a viewer may do', () => {
  test('cancel, after a question', async () => {
    await cluster.executions.create('endless', { source: 'for (;;) await new Promise((f) => setTimeout(f, 1000));' });
    await using shown = await open();
    const { page } = shown;
    await shown.openRow('endless');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await shown.row('endless').getByText('Cancelled').waitFor();
    await cluster.executions.reaches('endless', 'Cancelled');
  });

  test('run again', async () => {
    await cluster.executions.create('again', { source: '1' });
    await cluster.executions.reaches('again', 'Completed');
    await using shown = await open();
    const { page } = shown;
    await shown.openRow('again');
    await page.getByRole('button', { name: 'Run again' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Run again' }).click();
    await page.getByText('Run 2 assigned to a pod').waitFor();
    await eventually(async () => expect((await cluster.executions.get('again')).status.run).toBe(2));
  });

  test('resume an execution', async () => {
    await using shown = await open();
    await shown.openRow('held');
    await shown.page.getByRole('button', { name: 'Resume' }).click();
    await shown.row('held').getByText('Succeeded').waitFor();
    expect((await cluster.executions.get('held')).status.result).toBe('went on');
  });

  test('suspend and resume a schedule', async () => {
    await using shown = await open();
    const { page } = shown;
    await page.getByRole('link', { name: /^Schedules/ }).click();
    await shown.openRow('nightly');
    await page.getByRole('button', { name: 'Suspend' }).click();
    await shown.row('nightly').getByText('Suspended').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await shown.row('nightly').getByText('Suspended').waitFor({ state: 'detached' });
  });

  test('is nothing where the viewer may only read: buttons are disabled, and the API server refuses what is sent all the same', async () => {
    await using shown = await (await BrowserPage.open(browser, viewers.url)).live();
    const { page } = shown;
    await shown.openRow('fine');
    const rerun = page.getByRole('button', { name: 'Run again' });
    await eventually(async () => expect(await rerun.getAttribute('title')).toMatch(/copepod-edit/));
    expect(await rerun.isDisabled()).toBe(true);
    const { uid, namespace } = (await cluster.executions.get('fine')).metadata;
    const body = JSON.stringify({ action: 'rerun', kind: 'executions', namespace, name: 'fine', uid });
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${viewers.token}` };
    const answer = await page.evaluate(`fetch('/api/actions', {
      method: 'POST', headers: ${JSON.stringify(headers)}, body: ${JSON.stringify(body)},
    }).then((response) => response.json())`);
    expect(answer).toMatchObject({ from: 'cluster', code: 403, message: expect.stringMatching(/cannot patch/) });
    expect((await cluster.executions.get('fine')).status.run).toBe(1);
  });
});

test('without a mouse: rows, the filter, an object, a question and the way back', async () => {
  await cluster.executions.create('by-keys', { source: gated('by-keys') });
  await cluster.executions.reaches('by-keys', 'Running');
  await using shown = await open();
  const { page } = shown;
  const { keyboard } = page;
  await shown.row('by-keys').waitFor();
  const grid = page.getByRole('grid', { name: 'Executions' });
  await keyboard.press('/');
  await keyboard.type('by-keys');
  await page.getByRole('status').filter({ hasText: /^1 of/ }).waitFor();
  await tabTo(shown, grid);
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: 'by-keys' }).waitFor();
  await eventually(async () => expect(await hasFocus(page.getByRole('heading', { name: 'by-keys' }))).toBe(true));
  const cancel = page.getByRole('button', { name: 'Cancel' });
  await eventually(async () => expect(await cancel.isEnabled()).toBe(true));
  await tabTo(shown, cancel);
  await keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await keyboard.press('Escape');
  await page.getByRole('heading', { name: 'by-keys' }).waitFor({ state: 'detached' });
  await eventually(async () => expect(await hasFocus(grid)).toBe(true));
  cluster.journal.open('by-keys');
});

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  test('axe finds no violation in lists, objects, a question, and at the width of a phone', async () => {
    await using shown = await open({ colorScheme });
    const { page } = shown;
    await shown.row('fine').waitFor();
    expect(await shown.violations()).toEqual([]);
    await shown.openRow('broken');
    await page.getByRole('region', { name: 'Usage' }).waitFor();
    await page.locator('mark').waitFor();
    expect(await shown.violations()).toEqual([]);
    await page.getByRole('button', { name: 'Run again' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await shown.violations()).toEqual([]);
    await page.keyboard.press('Escape');
    for (const [kind, name] of [
      ['Runtimes', 'default'],
      ['Schedules', 'nightly'],
      ['Endpoints', 'orders'],
    ] as const) {
      await page.getByRole('link', { name: new RegExp(`^${kind}`) }).click();
      await shown.openRow(name);
      await page.getByRole('region', { name: 'Conditions' }).waitFor();
      expect(await shown.violations()).toEqual([]);
    }
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await shown.violations()).toEqual([]);
    await page.getByRole('button', { name: 'Close' }).click();
    await shown.row('orders').waitFor();
    expect(await shown.violations()).toEqual([]);
    const [content, width] = (await page.evaluate('[document.body.scrollWidth, innerWidth]')) as [number, number];
    expect(content).toBe(width);
  });
});

describe('a dashboard in the cluster', () => {
  let served: DashboardProcess;
  let token: string;

  beforeAll(async () => {
    const { url, certificateAuthority } = currentConnection();
    const { hostname, port } = new URL(url);
    const ca = join(cluster.directory, 'ca.crt');
    writeFileSync(ca, certificateAuthority);
    const env = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
    const args = ['--certificate-authority', ca, '--namespace', cluster.namespace];
    served = await DashboardProcess.startForViewers(env, args);
    token = await makeUser(cluster.api, cluster.namespace, 'copepod-view');
  });
  afterAll(async () => {
    await served?.stop();
  });

  test('asks for a token, and shows what its viewer may see', async () => {
    await using shown = await BrowserPage.open(browser, served.url);
    const { page } = shown;
    await page.getByLabel('Bearer token').fill('unknown');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Unauthorized').waitFor();
    expect(await shown.violations()).toEqual([]);
    await page.getByLabel('Bearer token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await shown.row('fine').waitFor();
    await page.getByText(/^system:serviceaccount:/).waitFor();
    await page.getByLabel('Namespace').fill('kube-system');
    await page.getByLabel('Namespace').press('Enter');
    await page
      .getByRole('alert')
      .getByText(/cannot list resource/)
      .waitFor();
    expect(await shown.violations()).toEqual([]);
  });
});

test('the theme is that of the system until another one is chosen, which is kept', async () => {
  await using shown = await open({ colorScheme: 'dark' });
  const { page } = shown;
  const ground = async (): Promise<unknown> => await page.evaluate('getComputedStyle(document.body).backgroundColor');
  const dark = await ground();
  await page.getByRole('button', { name: 'Light theme' }).click();
  const light = await ground();
  expect(light).not.toBe(dark);
  await page.reload();
  await shown.live();
  expect(await ground()).toBe(light);
});

/** Waits until an element has a text. */
async function expectText(element: Locator, text: string): Promise<void> {
  await eventually(async () => expect(await element.textContent()).toBe(text));
}

/** Presses Tab until an element has the focus. */
async function tabTo({ page }: BrowserPage, element: Locator): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    if (await hasFocus(element)) return;
  }
  throw new Error('the keyboard does not get there');
}

const hasFocus = async (element: Locator): Promise<boolean> =>
  await element.evaluate((each) => each.ownerDocument.activeElement === each);
