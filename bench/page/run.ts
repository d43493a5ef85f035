// How large the report is, how long it takes to write, and to show in a browser, at 100, 1,000 and 10,000 trials.
//
//   node tools/node24.mjs --install bench/page/run.ts
//
// Needs a Chromium (CHROMIUM names one elsewhere than Debian puts it). Each number is the median of 5.
import { reportData } from '../../core/report/data.ts';
import { renderReport } from '../../core/report/render.ts';
import { findChromium, ReportBrowser } from '../../test/page/browser.ts';
import { classifier, emptyPage, makeSweep } from '../../test/page/sweeps.ts';

const SIZES = [100, 1000, 10_000];
const TIMES = 5;
/** More than the page keeps of a curve. */
const EPOCHS = 100;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

const executable = findChromium();
if (executable === null) throw new Error('there is no Chromium here; install it, or name one by CHROMIUM');
const empty = emptyPage();
console.log(`page without a sweep: ${(empty.length / 1000).toFixed(0)} kB`);
for (const trials of SIZES) {
  const sweep = makeSweep(classifier(trials, { epochs: EPOCHS }));
  let html = '';
  const written = Array.from({ length: TIMES }, () => {
    const start = performance.now();
    html = renderReport(empty, reportData(sweep));
    return performance.now() - start;
  });
  const shown: { paint: number; ready: number }[] = [];
  for (let time = 0; time < TIMES; time++) {
    const browser = await ReportBrowser.launch(executable);
    const report = await browser.open(html);
    shown.push(
      await report.page.evaluate(async () => {
        const paint = await new Promise<number>((found) => {
          const observer = new PerformanceObserver((list) => {
            const [entry] = list.getEntriesByName('first-contentful-paint');
            if (entry !== undefined) found(entry.startTime);
          });
          observer.observe({ type: 'paint', buffered: true });
        });
        const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
        return { paint, ready: navigation!.loadEventEnd };
      }),
    );
    await browser.close();
  }
  const paint = median(shown.map((one) => one.paint));
  const ready = median(shown.map((one) => one.ready));
  console.log(
    `${trials} trials: ${(Buffer.byteLength(html) / 1000).toFixed(0)} kB, written in ${median(written).toFixed(0)} ms, first paint after ${paint.toFixed(0)} ms, whole page after ${ready.toFixed(0)} ms`,
  );
}
