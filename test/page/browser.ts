import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** A Chromium of this machine, as Debian installs it or CHROMIUM names it; null where there is none. */
export function findChromium(): string | null {
  const places = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  return places.find((place) => place !== undefined && existsSync(place)) ?? null;
}

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** One browser with a fresh profile, and pages that were opened from files as a person would. */
export class ReportBrowser {
  readonly #browser: Browser;
  readonly #folder = mkdtempSync(join(tmpdir(), 'sweepstack-report-'));
  #pages = 0;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(executablePath: string): Promise<ReportBrowser> {
    return new ReportBrowser(await chromium.launch({ executablePath, args: FLAGS }));
  }

  async close(): Promise<void> {
    await this.#browser.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Opens the page; what it complains about and asks for is noted. */
  async open(html: string, options: BrowserContextOptions & { readonly width?: number } = {}): Promise<OpenedReport> {
    const { width = 1280, ...more } = options;
    const context = await this.#browser.newContext({
      viewport: { width, height: 900 },
      permissions: ['clipboard-read', 'clipboard-write'],
      ...more,
    });
    const page = await context.newPage();
    const file = join(this.#folder, `${this.#pages++}.html`);
    writeFileSync(file, html);
    const url = pathToFileURL(file).href;
    const opened = new OpenedReport(page);
    page.on('console', (message) => opened.complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => opened.complaints.push(error.message));
    page.on('dialog', (dialog) => {
      opened.complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (request.url() !== url && !request.url().startsWith('data:')) opened.requests.push(request.url());
    });
    await page.goto(url);
    return opened;
  }
}

export interface Box {
  readonly text: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export class OpenedReport {
  readonly page: Page;
  readonly complaints: string[] = [];
  readonly requests: string[] = [];

  constructor(page: Page) {
    this.page = page;
  }

  close(): Promise<void> {
    return this.page.context().close();
  }

  /** Makes the window so wide and as high as the page, and waits until every chart has been drawn for it. */
  async drawAll(width = this.page.viewportSize()!.width): Promise<void> {
    await this.page.setViewportSize({ width, height: 900 });
    const height = await this.page.evaluate(() => document.documentElement.scrollHeight);
    await this.page.setViewportSize({ width, height: Math.min(height + 400, 16_000) });
    await this.page.waitForFunction(() =>
      [...document.querySelectorAll('.chart')].every(
        (chart) => chart.querySelector('svg')?.clientWidth === chart.clientWidth,
      ),
    );
  }

  /** What axe finds against WCAG 2.2 A and AA, as `rule: element`. */
  async violations(): Promise<string[]> {
    await this.page.evaluate(axe);
    return this.page.evaluate(async () => {
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
      const run = (globalThis as unknown as { axe: { run(options: object): Promise<Found> } }).axe.run;
      interface Found {
        readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
      }
      const { violations } = await run({ runOnly: tags, resultTypes: ['violations'] });
      return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
    });
  }

  /** Pairs of labels of one chart whose boxes overlap by more than a pixel, and labels that leave the page. */
  overlaps(): Promise<string[]> {
    return this.page.evaluate(() => {
      const found: string[] = [];
      for (const chart of document.querySelectorAll('.chart svg')) {
        const labels = [...chart.querySelectorAll('text')].map((text) => ({
          text: text.firstChild?.textContent ?? '',
          box: text.getBoundingClientRect(),
        }));
        for (const [index, a] of labels.entries()) {
          if (a.box.left < -1 || a.box.right > innerWidth + 1) found.push(`${a.text} leaves the page`);
          for (const b of labels.slice(index + 1)) {
            const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
            const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
            if (across > 1 && down > 1) found.push(`${a.text} and ${b.text} in ${chart.getAttribute('aria-label')}`);
          }
        }
      }
      return found;
    });
  }

  /** Panels with a heading and nothing to see below it, charts without a mark, and a page wider than its window. */
  emptiness(): Promise<string[]> {
    return this.page.evaluate(() => {
      const found: string[] = [];
      for (const panel of document.querySelectorAll<HTMLElement>('.panel:not([hidden])')) {
        const shown =
          panel.querySelector('svg, table, .command, .importance, .failure, .verdicts, .steps, .note, details') ??
          (panel.matches('p') ? panel : null);
        if (shown === null) found.push(`${panel.id} is empty`);
      }
      for (const chart of document.querySelectorAll('.chart')) {
        const marks = [...chart.querySelectorAll('path')].filter((path) => (path.getAttribute('d') ?? '') !== '');
        if (marks.length === 0) found.push(`${chart.querySelector('svg')?.getAttribute('aria-label')} has no mark`);
        if (chart.querySelectorAll('text').length === 0)
          found.push(`${chart.querySelector('svg')?.getAttribute('aria-label')} has no label`);
      }
      if (document.documentElement.scrollWidth > innerWidth)
        found.push(`the page is ${document.documentElement.scrollWidth} wide`);
      return found;
    });
  }
}
