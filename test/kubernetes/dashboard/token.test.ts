import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { eventually } from '../../support/until.ts';
import { Cluster } from '../operator/support/cluster.ts';
import { BrowserPage, PATIENCE_MS, startBrowser } from './support/browser.ts';
import { DashboardProcess } from './support/dashboard-process.ts';

// A browser and a process that loads the Kubernetes client: seconds, on a busy machine.
jest.setTimeout(240_000);

let cluster: Cluster;
let browser: Browser;
let dashboard: DashboardProcess;
/** Path of the page with one execution open. */
let link: string;

beforeAll(async () => {
  cluster = await Cluster.create();
  await cluster.executions.create('first', { source: '1', suspend: true });
  link = `#/${cluster.namespace}/executions/${cluster.namespace}/first`;
  browser = await startBrowser();
  dashboard = await DashboardProcess.start(cluster.namespace);
}, 240_000);
afterAll(async () => {
  await browser?.close();
  await dashboard?.stop();
  await cluster?.close();
});

const isLive = async (page: Page): Promise<void> =>
  await page.getByText('Live', { exact: true }).waitFor({ timeout: PATIENCE_MS });

const showsFirst = async (page: Page): Promise<void> =>
  await page.getByRole('heading', { name: 'first', exact: true }).waitFor({ timeout: PATIENCE_MS });

/** The note of a page that has no token. */
const isSignedOut = async (page: Page): Promise<void> =>
  await page.getByText(/open the URL that copepod dashboard has printed/).waitFor({ timeout: PATIENCE_MS });

const newTab = async ({ page }: BrowserPage, url: string): Promise<Page> => {
  const tab = await page.context().newPage();
  await tab.goto(url, { timeout: PATIENCE_MS });
  return tab;
};

describe('the token of a dashboard on this machine', () => {
  test('leaves the address bar and the history of the tab, and a reload needs no other', async () => {
    await using shown = await (await BrowserPage.open(browser, dashboard.url)).live();
    const { page } = shown;
    expect({ url: page.url(), errors: shown.errors }).toEqual({ url: `${dashboard.origin}/`, errors: [] });
    await shown.openRow('first');
    await page.reload();
    await showsFirst(page);
    await page.goBack();
    await isLive(page);
    expect(page.url()).toBe(`${dashboard.origin}/`);
  });

  test('is given to a tab that a link is opened in, by a tab that is signed in', async () => {
    await using shown = await (await BrowserPage.open(browser, dashboard.url)).live();
    const opened = shown.page.context().waitForEvent('page');
    await shown.page.getByRole('link', { name: /^Schedules/ }).click({ modifiers: ['ControlOrMeta'] });
    await isLive(await opened);
    await showsFirst(await newTab(shown, `${dashboard.origin}/${link}`));
  });

  test('is not in a tab that is opened alone: the printed URL, opened in that tab, leads to the place of its link', async () => {
    await using shown = await BrowserPage.open(browser, `${dashboard.origin}/${link}`);
    const { page } = shown;
    await isSignedOut(page);
    expect(await page.getByLabel('Bearer token').count()).toBe(0);
    await page.goto(dashboard.url, { timeout: PATIENCE_MS });
    await showsFirst(page);
    expect(page.url()).toBe(`${dashboard.origin}/${link}`);
  });

  test('of a dashboard that has ended is taken by no other one at its port, and the URL of that one signs all tabs in', async () => {
    const before = await DashboardProcess.start(cluster.namespace);
    const { port } = new URL(before.origin);
    await using shown = await (await BrowserPage.open(browser, before.url)).live();
    await before.stop();
    const after = await DashboardProcess.start(cluster.namespace, { args: ['--port', port] });
    try {
      const tab = await newTab(shown, `${after.origin}/${link}`);
      await isSignedOut(tab);
      await isSignedOut(shown.page);
      await shown.page.goto(after.url, { timeout: PATIENCE_MS });
      await isLive(shown.page);
      await showsFirst(tab);
    } finally {
      await after.stop();
    }
  });
});

test('a dashboard whose kubeconfig the cluster refuses says so, and asks the viewer for no token', async () => {
  const refused = await DashboardProcess.start(cluster.namespace, { token: 'unknown' });
  try {
    await using shown = await BrowserPage.open(browser, refused.url);
    await shown.page.getByText('Unauthorized').waitFor();
    expect(await shown.page.getByLabel('Bearer token').count()).toBe(0);
  } finally {
    await refused.stop();
  }
});

/** Another server of this machine: it keeps all that a browser sends to it. */
class OtherServer implements AsyncDisposable {
  readonly received: string[] = [];
  readonly #server: Server;

  private constructor(page: string) {
    this.#server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      this.received.push(`${request.method} ${request.url} ${request.rawHeaders.join(' ')} ${body}`);
      response.writeHead(200, { 'content-type': 'text/html' }).end(page);
    });
  }

  static async start(page: string): Promise<OtherServer> {
    const other = new OtherServer(page);
    await new Promise<void>((resolve) => other.#server.listen(0, '127.0.0.1', resolve));
    return other;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

/** What a page of another origin tries: all storage that it can read, the channel of the dashboard's tabs, and its API. */
const tries = (dashboardOrigin: string, action: string): string => `<!doctype html><title>other</title><script>
  const channel = new BroadcastChannel('copepod-token');
  const heard = [];
  channel.onmessage = ({ data }) => heard.push(data);
  channel.postMessage({ type: 'wanted' });
  const tried = async (path, options) => {
    try {
      return await (await fetch('${dashboardOrigin}' + path, { credentials: 'include', ...options })).text();
    } catch (error) {
      return error.name;
    }
  };
  const act = { method: 'POST', mode: 'no-cors', body: ${JSON.stringify(action)} };
  (async () => {
    const answers = [await tried('/api/session'), await tried('/api/actions', act), await tried('/')];
    const storage = [document.cookie, { ...sessionStorage }, { ...localStorage }, document.referrer, name];
    await fetch('/seen', { method: 'POST', body: JSON.stringify({ answers, storage, heard }) });
    document.title = 'done';
  })();
</script>`;

test('another server at another port of 127.0.0.1 is sent no token and no cookie, and its page cannot use the dashboard', async () => {
  const { uid, namespace } = (await cluster.executions.get('first')).metadata;
  const action = JSON.stringify({ action: 'resume', kind: 'executions', namespace, name: 'first', uid });
  await using other = await OtherServer.start(tries(dashboard.origin, action));
  await using shown = await (await BrowserPage.open(browser, dashboard.url)).live();
  const { page } = shown;
  // While the dashboard is open, and in its own tab after it.
  const tab = await newTab(shown, other.origin);
  await eventually(async () => expect(await tab.title()).toBe('done'));
  await isLive(page);
  await page.goto(other.origin, { timeout: PATIENCE_MS });
  await eventually(async () => expect(await page.title()).toBe('done'));

  for (const text of other.received) {
    expect(text).not.toContain(dashboard.token);
    expect(text).not.toMatch(/\b(cookie|authorization) /i);
  }
  expect(await page.context().cookies()).toEqual([]);
  const seen = other.received.filter((text) => text.startsWith('POST /seen '));
  expect(seen).toHaveLength(2);
  for (const text of seen) {
    expect(JSON.parse(text.slice(text.indexOf('{"answers"')))).toEqual({
      answers: ['TypeError', 'TypeError', 'TypeError'],
      storage: ['', {}, {}, '', ''],
      heard: [],
    });
  }
  expect((await cluster.executions.get('first')).spec.suspend).toBe(true);
  // The tab keeps its own session: it belongs to the origin of the dashboard.
  await page.goto(dashboard.origin, { timeout: PATIENCE_MS });
  await isLive(page);
});
