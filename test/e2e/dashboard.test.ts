import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Browser, Locator } from 'playwright-core';
import { BrowserPage, startBrowser } from '../kubernetes/dashboard/support/browser.ts';
import { eventually } from '../support/until.ts';
import { installDashboard, LocalDashboard, uninstallDashboard } from './support/dashboard.ts';
import { tokenWithRoles } from './support/gateway.ts';
import { tryKubectl } from './support/kubectl.ts';
import { useNamespace } from './support/namespace.ts';
import { reasonOf } from './support/objects.ts';

// Chromium may have to be installed first.
jest.setTimeout(300_000);

const BROKEN = `const order: { discount?: { percent: number } } = {};
console.info('an order without a discount');
order.discount!.percent;
`;
const ENDLESS = "console.log('it goes on'); await new Promise((resolve) => setTimeout(resolve, 900_000));";

const namespace = useNamespace('dashboard');
let browser: Browser;
/** Of an account with the ClusterRole `copepod-view` and nothing else. */
let viewer: string;
/** Of an account with the ClusterRole `edit` of Kubernetes, which `copepod-edit` is part of. */
let editor: string;

beforeAll(async () => {
  await namespace.runtime({ pool: { size: 4 }, limits: { timeout: '15m' } });
  browser = await startBrowser();
  viewer = await tokenWithRoles(namespace, 'viewer', ['copepod-view']);
  editor = await tokenWithRoles(namespace, 'editor', ['edit']);
  await namespace.run({ fine: { source: '({ answer: 42 })' }, broken: { source: BROKEN, language: 'TypeScript' } });
}, 300_000);
afterAll(() => browser?.close());

/** Where pictures of what the tests see go, for the docs: SCREENSHOTS=DIRECTORY. */
const { SCREENSHOTS } = process.env;
const picture = async ({ page }: BrowserPage, name: string): Promise<void> => {
  if (SCREENSHOTS !== undefined) await page.screenshot({ path: `${SCREENSHOTS}/${name}.png` });
};

describe('copepod dashboard with the kubeconfig of a viewer', () => {
  let dashboard: LocalDashboard;
  let url: string;
  beforeAll(async () => {
    ({ dashboard, url } = await LocalDashboard.start(namespace, viewer));
  });
  afterAll(() => dashboard?.[Symbol.asyncDispose]());

  test('lists what is there, and what is new as it starts and ends on a pod, without being loaded again', async () => {
    await using shown = await (await BrowserPage.open(browser, url)).live();
    await shown.row('fine').getByText('Succeeded').waitFor();
    await shown
      .row('broken')
      .getByText('TypeError')
      .or(shown.row('broken').getByText('RuntimeError'))
      .first()
      .waitFor();
    await shown.page.evaluate('globalThis.isSamePage = true');
    await namespace.start({ endless: { source: ENDLESS } });
    await shown.row('endless').getByText('Running').waitFor();
    await picture(shown, 'dashboard-cluster-list');
    await namespace.patchSpec('scriptexecution', 'endless', { cancel: true });
    await shown.row('endless').getByText('Cancelled').waitFor();
    expect(await shown.page.evaluate('globalThis.isSamePage')).toBe(true);
    // The viewer may not list namespaces: the page asks, and does without.
    expect(shown.errors.filter((each) => !each.includes('403'))).toEqual([]);
  });

  test('shows of a failed execution its log, and its error in its source', async () => {
    await using shown = await (await BrowserPage.open(browser, url)).live();
    await shown.openRow('broken');
    const panel = shown.page.getByRole('region', { name: 'broken' });
    const code = panel.getByRole('region', { name: 'Source of the script' });
    expect(await code.locator('.line-bad').textContent()).toBe('3order.discount!.percent;');
    await panel.getByRole('region', { name: 'Log lines' }).getByText('an order without a discount').waitFor();
    await picture(shown, 'dashboard-cluster-error');
  });

  test('offers no action, and the API server refuses one that is sent all the same', async () => {
    await using shown = await (await BrowserPage.open(browser, url)).live();
    await shown.openRow('fine');
    const rerun = shown.page.getByRole('button', { name: 'Run again' });
    await eventually(async () => expect(await rerun.getAttribute('title')).toMatch(/copepod-edit/));
    expect(await rerun.isDisabled()).toBe(true);
    expect(await rerunAnyway(shown, 'fine')).toMatchObject({ from: 'cluster', code: 403 });
    expect((await namespace.execution('fine')).status.run).toBe(1);
  });
});

describe('the Deployment of the dashboard', () => {
  let url: string;
  beforeAll(async () => {
    url = await installDashboard();
    // Its pod is ready; the node's rules for its Service may come later.
    await eventually(async () => expect((await fetch(url)).status).toBe(200));
  });
  afterAll(uninstallDashboard);

  /** Opens the page of the Service, signs in, and goes to the namespace. */
  async function signedIn(token: string): Promise<BrowserPage> {
    const shown = await BrowserPage.open(browser, url);
    await shown.page.getByLabel('Bearer token').fill(token);
    await shown.page.getByRole('button', { name: 'Sign in' }).click();
    await shown.page.getByLabel('Namespace').fill(namespace.name);
    await shown.page.getByLabel('Namespace').press('Enter');
    return await shown.live();
  }

  test('has no token of its own', async () => {
    const inPod = ['--namespace', 'copepod-system', 'exec', 'deployment/copepod-dashboard', '--'];
    const { code, stdout } = await tryKubectl([...inPod, 'ls', '/var/run/secrets']);
    expect({ hasFailed: code !== 0, stdout }).toEqual({ hasFailed: true, stdout: '' });
  });

  test('refuses a token that the cluster does not know, and a viewer what is of other namespaces', async () => {
    await using unknown = await BrowserPage.open(browser, url);
    await unknown.page.getByLabel('Bearer token').fill('unknown');
    await unknown.page.getByRole('button', { name: 'Sign in' }).click();
    await unknown.page.getByText('Unauthorized').waitFor();

    await using shown = await signedIn(viewer);
    await shown.row('fine').waitFor();
    expect(await rerunAnyway(shown, 'fine')).toMatchObject({ code: 403 });
    await shown.page.getByLabel('Namespace').fill('copepod-system');
    await shown.page.getByLabel('Namespace').press('Enter');
    await shown.page
      .getByRole('alert')
      .getByText(/cannot list resource/)
      .waitFor();
  });

  test('an editor follows the log of a script on its pod, and cancels it', async () => {
    await namespace.start({ followed: { source: ENDLESS } });
    await using shown = await signedIn(editor);
    const { page } = shown;
    await shown.openRow('followed');
    const log = page.getByRole('region', { name: 'Log', exact: true });
    await log.getByText('it goes on').waitFor();
    await log.getByText('live').waitFor();
    await picture(shown, 'dashboard-cluster-live');
    await confirmed(page.getByRole('button', { name: 'Cancel' }), page.getByRole('dialog'), 'Cancel');
    await shown.row('followed').getByText('Cancelled').waitFor();
    expect(reasonOf(await namespace.execution('followed'))).toBe('Cancelled');
  });

  test('an editor runs an execution again, and resumes one', async () => {
    await namespace.outcome('again', { source: '1' });
    await namespace.start({ held: { source: "'went on'", suspend: true } });
    await using shown = await signedIn(editor);
    const { page } = shown;
    await shown.openRow('again');
    await confirmed(page.getByRole('button', { name: 'Run again' }), page.getByRole('dialog'), 'Run again');
    await namespace.until(
      'a second run',
      async () => (await namespace.execution('again')).status.run === 2 || undefined,
    );
    await shown.openRow('held');
    await page.getByRole('button', { name: 'Resume' }).click();
    await shown.row('held').getByText('Succeeded').waitFor();
    expect((await namespace.execution('held')).status.result).toBe('went on');
  });

  test('an editor suspends a schedule', async () => {
    await namespace.apply([
      {
        apiVersion: 'copepod.dev/v1alpha1',
        kind: 'ScriptSchedule',
        metadata: { name: 'nightly' },
        spec: { schedule: '0 3 * * *', executionTemplate: { spec: { source: '1' } } },
      },
    ]);
    await using shown = await signedIn(editor);
    await shown.page.getByRole('link', { name: /^Schedules/ }).click();
    await shown.openRow('nightly');
    await shown.page.getByRole('button', { name: 'Suspend' }).click();
    await shown.row('nightly').getByText('Suspended').waitFor();
    expect((await namespace.get<{ spec: { suspend?: boolean } }>('scriptschedule', 'nightly')).spec.suspend).toBe(true);
  });
});

/** Clicks a button, and the button of the question that follows. */
async function confirmed(button: Locator, dialog: Locator, answer: string): Promise<void> {
  await button.click();
  await dialog.getByRole('button', { name: answer }).click();
}

/** Sends what the button would send. Returns the answer. */
async function rerunAnyway({ page }: BrowserPage, name: string): Promise<unknown> {
  const { uid, namespace: own } = (await namespace.execution(name)).metadata;
  const body = JSON.stringify({ action: 'rerun', kind: 'executions', namespace: own, name, uid });
  return await page.evaluate(`(() => {
    const token = sessionStorage.getItem('copepod-token');
    const headers = { 'content-type': 'application/json', ...(token && { authorization: 'Bearer ' + token }) };
    return fetch('/api/actions', { method: 'POST', headers, body: ${JSON.stringify(body)} }).then((answer) => answer.json());
  })()`);
}
