// Pictures of the report of every kind of sweep, in light and dark and at three widths, and its printed pages, for a person
// to look at: node tools/node24.mjs test/page/pictures.ts FOLDER [NAME...]. Build first: npm run build.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { viewPage } from '../../cli/lookup/view-page.ts';
import { findChromium, ReportBrowser } from './browser.ts';
import { comparisons, gallery, viewed } from './gallery.ts';
import { comparisonPageOf, pageOf } from './sweeps.ts';

const WIDTHS = [1440, 1024, 390];

const [folder, ...names] = process.argv.slice(2);
const executable = findChromium();
if (folder === undefined || executable === null) {
  console.error('Name a folder for the pictures; Chromium must be installed, or named by CHROMIUM.');
  process.exit(2);
}
const to = resolve(folder);
mkdirSync(to, { recursive: true });
const browser = await ReportBrowser.launch(executable);
const pages = {
  ...Object.fromEntries(Object.entries(gallery()).map(([name, made]) => [name, () => pageOf(made)])),
  view: () => viewPage(viewed()),
  ...Object.fromEntries(Object.entries(comparisons()).map(([name, all]) => [name, () => comparisonPageOf(all)])),
};
for (const [name, pageText] of Object.entries(pages)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const html = pageText();
  writeFileSync(join(to, `${name}.html`), html);
  for (const colorScheme of ['light', 'dark'] as const) {
    const report = await browser.open(html, { colorScheme });
    for (const width of WIDTHS) {
      await report.drawAll(width);
      await report.page.screenshot({ path: join(to, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      for (const fault of [...(await report.overlaps()), ...(await report.emptiness())])
        console.error(`${name} ${width} ${colorScheme}: ${fault}`);
    }
    for (const fault of [...(await report.violations()), ...report.complaints])
      console.error(`${name} ${colorScheme}: ${fault}`);
    // As it is printed from a window of usual width.
    if (colorScheme === 'light') {
      await report.drawAll(1024);
      writeFileSync(
        join(to, `${name}.pdf`),
        await report.page.pdf({ format: 'A4', printBackground: true, preferCSSPageSize: true }),
      );
    }
    await report.close();
  }
  console.error(`${name}: ${(html.length / 1e6).toFixed(2)} MB`);
}
await browser.close();
