// Makes the pictures of the report in docs/ anew: npm run build && node tools/node24.mjs test/page/docs-pictures.ts
// Needs Chromium, or its path in CHROMIUM. tools/record-terminal.ts does the same for the terminal.
import { fileURLToPath } from 'node:url';
import { findChromium, ReportBrowser } from './browser.ts';
import { classifier, pageOf } from './sweeps.ts';

const PICTURES = [
  { file: 'report-light.png', trials: 64, colorScheme: 'light' },
  { file: 'report-dark.png', trials: 1000, colorScheme: 'dark' },
] as const;

const executable = findChromium();
if (executable === null) throw new Error('There is no Chromium here; install it, or name one by CHROMIUM.');
const browser = await ReportBrowser.launch(executable);
for (const { file, trials, colorScheme } of PICTURES) {
  const report = await browser.open(pageOf(classifier(trials)), { colorScheme });
  await report.drawAll(1280);
  // Down to the end of what answers the first questions.
  const height = await report.page.evaluate(() => {
    const { bottom } = document.querySelector('#next')!.getBoundingClientRect();
    return Math.ceil(bottom + window.scrollY) + 20;
  });
  const path = fileURLToPath(new URL(`../../docs/${file}`, import.meta.url));
  await report.page.screenshot({ path, clip: { x: 0, y: 0, width: 1280, height }, fullPage: true });
  await report.close();
}
await browser.close();
