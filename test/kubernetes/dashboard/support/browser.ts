import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Result } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { chromiumPath } from '../../../support/chromium.ts';

/** Time for what a busy machine does late. */
export const PATIENCE_MS = 60_000;

/** Chromium would otherwise ask servers of its maker at each start. */
const ARGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts a Chromium without a window; it is installed if there is none and that is possible. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = chromiumPath();
  // Its own sandbox needs another user than root.
  const chromiumSandbox = process.getuid?.() !== 0;
  return await chromium.launch({ executablePath, args: ARGS, chromiumSandbox, timeout: PATIENCE_MS });
}

/** A page of a browser of its own, and what went wrong in it. */
export class BrowserPage implements AsyncDisposable {
  readonly page: Page;
  /** Messages of its console that are errors (a violation of its Content Security Policy is one), and errors of its code. */
  readonly errors: string[] = [];
  /** Requests to other hosts than that of the page. */
  readonly foreign: string[] = [];
  /** Windows with a question or a message, which only a script of a text would open. */
  readonly dialogs: string[] = [];

  private constructor(page: Page, url: string) {
    this.page = page;
    const { origin } = new URL(url);
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== origin) this.foreign.push(request.url());
    });
    page.on('dialog', (dialog) => {
      this.dialogs.push(dialog.message());
      void dialog.dismiss();
    });
  }

  /** Opens a URL in a browser without storage. */
  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<BrowserPage> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
    const opened = new BrowserPage(await context.newPage(), url);
    await opened.page.goto(url, { timeout: PATIENCE_MS });
    return opened;
  }

  /** Waits until what is shown is live. */
  async live(): Promise<this> {
    await this.page.getByText('Live', { exact: true }).waitFor();
    return this;
  }

  /** The row of an object: other columns may hold its name in the list that is shown before. */
  row(name: string) {
    const cell = this.page.locator('.cell-name').getByText(name, { exact: true });
    return this.page.getByRole('row').filter({ has: cell });
  }

  /** Opens an object by its name. */
  async openRow(name: string): Promise<void> {
    await this.row(name).click();
    await this.page.getByRole('heading', { name, exact: true }).waitFor();
  }

  /** What axe-core finds, as lines. */
  async violations(): Promise<string[]> {
    // Colours that are on their way to others have no contrast of their own.
    await this.page.evaluate('Promise.all(document.getAnimations().map((each) => each.finished))');
    await this.page.evaluate(AXE);
    const { violations } = (await this.page.evaluate('axe.run()')) as { violations: Result[] };
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.context().close();
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
