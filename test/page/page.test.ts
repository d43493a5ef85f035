import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { viewPage } from '../../cli/lookup/view-page.ts';
import { findChromium, type OpenedReport, ReportBrowser } from './browser.ts';
import { comparisons, gallery, viewed } from './gallery.ts';
import { classifier, comparisonPageOf, type MadeSweep, makeSweep, pageOf, priced } from './sweeps.ts';

// The report in a real browser, opened from a file. .ci/run installs Chromium and insists on it; elsewhere CHROMIUM names one.

const executable = findChromium();
if (executable === null)
  console.warn(
    'The report was not tried in a browser: there is no Chromium here. Install it, or name one by CHROMIUM.',
  );
test.runIf(process.env['SWEEPSTACK_BROWSER'] === 'required')('there is a Chromium', () =>
  expect(executable).not.toBeNull(),
);

describe.skipIf(executable === null)('in a browser,', () => {
  let browser: ReportBrowser;
  beforeAll(async () => {
    browser = await ReportBrowser.launch(executable!);
  });
  afterAll(() => browser?.close());

  describe('the page of 200 trials', () => {
    const made = priced(classifier(200, { confirm: { top: 3, seeds: 3 }, logged: true }));
    const sweep = makeSweep(made);
    let report: OpenedReport;
    beforeAll(async () => {
      report = await browser.open(pageOf(made));
      await report.drawAll();
    });
    afterAll(() => report.close());

    const rows = () => report.page.locator('.leaderboard tbody tr');
    const column = async (name: string) => {
      const heads = await report.page.locator('.leaderboard thead th').allInnerTexts();
      const index = heads.findIndex((text) => text.trim() === name);
      return report.page.locator(`.leaderboard tbody td:nth-child(${index + 1})`).allInnerTexts();
    };
    const clear = async () => {
      const button = report.page.getByRole('button', { name: 'Clear filters' });
      if (await button.isVisible()) await button.click();
    };

    test('names the winner with its mean and spread, and each seed apart', async () => {
      const { mean, spread, seeds } = sweep.leaderboard.trials[0]!.confirmed!;
      const said = await report.page.locator('#winner').innerText();
      expect(said).toContain(String(Number(mean.toPrecision(6))));
      expect(said).toContain(`± ${Number(spread.toPrecision(2))}`);
      for (const { seed } of seeds) expect(said).toContain(`seed ${seed} `);
      expect(said).toMatch(/mean and standard deviation over 3 new seeds/);
    });

    test('has a column for the mean, its spread, and what the trial reached by itself', async () => {
      const [first] = sweep.leaderboard.trials;
      expect(Number((await column('val_accuracy'))[0])).toBeCloseTo(first!.confirmed!.mean, 5);
      expect(Number((await column('Own run'))[0])).toBeCloseTo(first!.value!, 5);
      expect(Number((await column('±'))[0])).toBeCloseTo(first!.confirmed!.spread, 3);
    });

    test('tells what the sweep and each trial have cost, and draws the best against dollars', async () => {
      const { dollars, toBest } = sweep.metadata.costs!;
      const head = await report.page.locator('header').innerText();
      expect(head).toMatch(/\d.* training, .* fetching, .* uploading at the end/);
      expect(dollars).toBeGreaterThan(toBest!);
      for (const amount of [dollars!, toBest!]) expect(head).toContain(`$${amount.toFixed(2)}`);
      const first = sweep.metadata.byTrial.find(({ trial }) => trial === sweep.leaderboard.trials[0]!.trial)!;
      expect(Number((await column('Cost'))[0]!.slice(1))).toBeCloseTo(first.dollars!, 2);
      await report.page.getByLabel('Cost', { exact: true }).check();
      await expect.poll(() => report.page.locator('#progress svg').innerHTML()).toContain('dollars spent');
      await report.page.locator('#progress').getByLabel('Trials', { exact: true }).check();
    });

    test('draws any metric that was logged, by epoch or against another one, and on a log scale', async () => {
      const panel = report.page.locator('#logged');
      const drawn = () => panel.locator('svg').innerHTML();
      expect(await panel.locator('.lead').innerText()).toContain('the best 50 trials');
      const linear = await drawn();
      expect(await panel.getByLabel('Up').locator('option').allInnerTexts()).toEqual([
        'val_accuracy',
        'loss',
        'val_loss',
      ]);
      await panel.getByLabel('Log scale').check();
      await expect.poll(drawn).not.toBe(linear);
      await panel.getByLabel('Across').selectOption('val_accuracy');
      await expect.poll(() => panel.locator('svg .name').innerHTML()).toBe('val_accuracy');
    });

    test('lists its parts, each a link to one that is there', async () => {
      const links = report.page.getByRole('navigation', { name: 'Contents' }).getByRole('link');
      const names = await links.allInnerTexts();
      expect(names).toEqual(await report.page.locator('section.panel:not([hidden]) h2').allInnerTexts());
      for (const place of await links.evaluateAll((all) => all.map((one) => one.getAttribute('href')!)))
        expect(await report.page.locator(place).count()).toBe(1);
    });

    test('hides an axis, and draws another on a linear scale, in the charts of parameters', async () => {
      const names = () => report.page.locator('#parallel .axis .name > title').allTextContents();
      const before = await names();
      const scatter = () => report.page.getByRole('img', { name: 'learning_rate against val_accuracy' }).innerHTML();
      const logarithmic = await scatter();
      await report.page.getByText('Choose axes', { exact: true }).click();
      await report.page.locator('#parallel').getByLabel('dropout', { exact: true }).uncheck();
      await expect.poll(names).toEqual(before.filter((name) => name !== 'dropout'));
      await report.page.getByLabel('Log scale of learning_rate').uncheck();
      await expect.poll(scatter).not.toBe(logarithmic);
      await report.page.getByLabel('Log scale of learning_rate').check();
      await report.page.locator('#parallel').getByLabel('dropout', { exact: true }).check();
      await expect.poll(scatter).toBe(logarithmic);
      await expect.poll(names).toEqual(before);
      await report.page.getByText('Choose axes', { exact: true }).click();
    });

    test('sorts by a heading, the other way by a second press, as ranked by a third; by keyboard', async () => {
      const head = report.page.getByRole('button', { name: 'learning_rate', exact: true });
      await head.focus();
      const pressed = async () => {
        await report.page.keyboard.press('Enter');
        return (await column('learning_rate')).map(Number);
      };
      const ascending = await pressed();
      expect(ascending).toEqual(ascending.toSorted((a, b) => a - b));
      const descending = await pressed();
      expect(descending).toEqual(descending.toSorted((a, b) => b - a));
      expect(descending[0]).toBeGreaterThan(ascending[0]!);
      await pressed();
      expect((await column('Rank'))[0]).toBe('1');
    });

    test('turns the leaderboard by pages', async () => {
      await report.page.getByRole('button', { name: 'Next' }).click();
      expect((await column('Rank'))[0]).toBe('51');
      await report.page.getByRole('button', { name: 'Previous' }).click();
      expect(await rows().count()).toBe(50);
    });

    test('finds trials by text', async () => {
      await report.page.getByLabel('Find').fill('gpu-out-of-memory');
      const outcomes = await column('Outcome');
      expect(outcomes.length).toBeGreaterThan(3);
      expect(new Set(outcomes)).toEqual(new Set(['gpu-out-of-memory']));
      await clear();
    });

    test('filters by value without a mouse, and by outcome', async () => {
      await report.page.getByText('Filter by value', { exact: true }).click();
      await report.page.getByLabel('dropout: at least').fill('0.4');
      await report.page.getByLabel('Outcome').selectOption('succeeded');
      const dropouts = (await column('dropout')).map(Number);
      expect(dropouts.every((value) => value >= 0.4)).toBe(true);
      const expected = sweep.leaderboard.trials.filter(
        ({ parameters, status }) => (parameters['dropout'] as number) >= 0.4 && status === 'succeeded',
      );
      expect(await report.page.getByText(/of 200 shown/).innerText()).toBe(`${expected.length} trials of 200 shown`);
      const limited = report.page.locator('#leaderboard th.limited');
      expect(await limited.allInnerTexts()).toEqual(['dropout']);
      const strokes = await report.page
        .locator('#parallel .line')
        .evaluateAll((all) => all.map((line) => [line.classList.contains('out'), getComputedStyle(line).strokeWidth]));
      expect(new Set(strokes.map(([isOut, stroke]) => `${isOut} ${stroke}`))).toEqual(
        new Set([
          'true 0.75px',
          'false 2px',
          ...(strokes.some(([, stroke]) => stroke === '2.5px') ? ['false 2.5px'] : []),
        ]),
      );
      await clear();
      expect(await limited.count()).toBe(0);
      await report.page.getByText('Filter by value', { exact: true }).click();
    });

    test('brushing an axis of the parallel coordinates filters charts and table, and clearing undoes it', async () => {
      const axis = report.page.locator('#parallel .axis', { hasText: 'learning_rate' }).locator('.overlay');
      const box = (await axis.boundingBox())!;
      const middle = box.x + box.width / 2;
      await report.page.mouse.move(middle, box.y + box.height * 0.5);
      await report.page.mouse.down();
      await report.page.mouse.move(middle, box.y + box.height * 0.7, { steps: 5 });
      await report.page.mouse.up();
      const shown = Number(/^(\d+)/.exec(await report.page.getByText(/of 200 shown/).innerText())![1]);
      expect(shown).toBeGreaterThan(5);
      expect(shown).toBeLessThan(150);
      // The axis is logarithmic, its lowest value at the bottom: 30 % to 50 % of the way up.
      const rates = sweep.leaderboard.trials.map(({ parameters }) => Math.log(parameters['learning_rate'] as number));
      const [low, high] = [Math.min(...rates), Math.max(...rates)];
      const inside = (await column('learning_rate')).map((text) => (Math.log(Number(text)) - low) / (high - low));
      expect(Math.min(...inside)).toBeGreaterThan(0.28);
      expect(Math.max(...inside)).toBeLessThan(0.52);
      const dots = () => report.page.locator('#parameters figure').first().locator('path.dots.out').getAttribute('d');
      expect((await dots())?.match(/M/g)?.length).toBeGreaterThan(30);
      await clear();
      await expect.poll(dots).toBe('');
    });

    test('hovering a dot shows its trial, and lights it in the other charts', async () => {
      const chart = report.page.locator('#parameters figure', { hasText: 'learning_rate' }).locator('svg');
      const [, x, y] = /M([\d.]+),([\d.]+)/.exec((await chart.locator('path.winner').getAttribute('d'))!)!;
      const box = (await chart.boundingBox())!;
      await report.page.mouse.move(box.x + Number(x), box.y + Number(y));
      const [best] = sweep.leaderboard.trials;
      const tip = await report.page.locator('.tip').innerText();
      expect(tip).toContain(`Trial ${best!.trial}`);
      expect(tip).toContain(String(best!.parameters['learning_rate']));
      expect(await report.page.locator('#parallel .line.lit').count()).toBe(1);
      expect(await report.page.locator('#curves .line.lit').count()).toBe(1);
      await report.page.mouse.move(2, 2);
      expect(await report.page.locator('.tip').isVisible()).toBe(false);
    });

    test("a trial's number opens it, and Escape closes it", async () => {
      await report.page
        .getByRole('button', { name: 'Trial 7', exact: true })
        .or(rows().nth(4).locator('button'))
        .first()
        .click();
      const dialog = report.page.getByRole('dialog');
      expect(await dialog.innerText()).toContain('learning_rate');
      expect(await dialog.innerText()).toContain('sweep logs');
      const hash = () => report.page.evaluate(() => location.hash);
      expect(await hash()).toMatch(/^#trial=\d+$/);
      await report.page.keyboard.press('Escape');
      expect(await dialog.isVisible()).toBe(false);
      await expect.poll(hash).toBe('');
    });

    test('an address that names a trial opens it', async () => {
      await report.page.evaluate(() => {
        location.hash = '#trial=12';
      });
      const dialog = report.page.getByRole('dialog');
      await expect.poll(() => dialog.isVisible()).toBe(true);
      expect(await dialog.innerText()).toContain('Trial 12');
      await report.page.keyboard.press('Escape');
    });

    test('trials that are ticked stand side by side, what differs before what does not', async () => {
      const panel = report.page.locator('#beside');
      expect(await panel.isVisible()).toBe(false);
      for (const index of [0, 2]) await rows().nth(index).getByRole('checkbox').check();
      const [first, , third] = sweep.leaderboard.trials;
      expect(await panel.locator('thead').innerText()).toMatch(
        new RegExp(`Trial ${first!.trial}\\s+Trial ${third!.trial}`),
      );
      expect(await panel.getByRole('row', { name: /^learning_rate/ }).innerText()).toContain(
        String(first!.parameters['learning_rate']),
      );
      await panel.getByRole('button', { name: 'Clear' }).click();
      expect(await panel.isVisible()).toBe(false);
      expect(await rows().first().getByRole('checkbox').isChecked()).toBe(false);
    });

    test("copies the winner's parameters as JSON, YAML and arguments", async () => {
      const copied = async (name: string) => {
        await report.page.locator('#winner').getByRole('button', { name, exact: true }).click();
        return report.page.evaluate(() => navigator.clipboard.readText());
      };
      const { parameters } = sweep.leaderboard.trials[0]!;
      expect(JSON.parse(await copied('JSON'))).toEqual(parameters);
      expect(await copied('YAML')).toContain(`learning_rate: ${parameters['learning_rate']}\n`);
      expect(await copied('arguments')).toContain(`--learning_rate=${parameters['learning_rate']}`);
    });

    test('copies the command that trains the winner again', async () => {
      await report.page.locator('#winner').getByRole('button', { name: 'Copy the command' }).click();
      expect(await report.page.evaluate(() => navigator.clipboard.readText())).toBe(
        `sweep reproduce digits-3f9a12cc ${sweep.leaderboard.trials[0]!.trial}`,
      );
    });

    test('tells failures by class with what they share and the end of a log', async () => {
      const said = report.page.locator('#failures');
      expect(await said.innerText()).toMatch(/gpu-out-of-memory[\s\S]*batch_size 256/);
      await said
        .getByText(/The end of trial/)
        .first()
        .click();
      expect(await said.innerText()).toContain('CUDA out of memory');
      await said.getByRole('button', { name: 'Show them in the leaderboard' }).first().click();
      expect(new Set(await column('Outcome')).size).toBe(1);
      await clear();
    });

    test('tells on the time line where and why an attempt was interrupted', async () => {
      const chart = report.page.locator('#time svg');
      const [, x, y] = /M([\d.]+),([\d.]+)/.exec((await chart.locator('.run-interrupted').getAttribute('d'))!)!;
      await chart.hover({ position: { x: Number(x) + 1, y: Number(y) } });
      expect(await report.page.locator('.tip').innerText()).toMatch(
        /interrupted on slot \d for .* after the start: AWS reclaimed the Spot instance/,
      );
    });

    test('draws interruptions on the time line', async () => {
      const bars = (name: string) => report.page.locator(`#time path.${name}`).getAttribute('d');
      expect((await bars('run-interrupted'))!.match(/M/g)).toHaveLength(
        sweep.runs.filter(({ facts }) => facts.interrupted !== undefined).length,
      );
    });

    test('complained about nothing and asked for nothing', () => {
      expect(report.complaints).toEqual([]);
      expect(report.requests).toEqual([]);
    });
  });

  describe.each([['light'], ['dark']] as const)('in %s colours,', (colorScheme) => {
    test('axe finds nothing, of the page, its filters, an opened trial and the list of sweeps', async () => {
      const report = await browser.open(pageOf(classifier(60, { confirm: { top: 2, seeds: 2 } })), { colorScheme });
      await report.drawAll();
      for (const summary of await report.page.locator('summary').all()) await summary.click();
      expect(await report.violations()).toEqual([]);
      await report.page.locator('.leaderboard tbody button').first().click();
      expect(await report.violations()).toEqual([]);
      await report.close();
      const list = await browser.open(viewPage(viewed()), { colorScheme, width: 390 });
      expect([...(await list.violations()), ...list.complaints]).toEqual([]);
      expect(await list.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
      await list.close();
    });
  });

  describe.each(Object.entries(sweeps()))('%s', (_, made) => {
    test('has no overlapping labels and no empty panel at 390, 800 and 1280 pixels', async () => {
      const report = await browser.open(pageOf(made), { width: 390 });
      for (const width of [390, 800, 1280]) {
        await report.drawAll(width);
        expect(await report.overlaps(), `at ${width}`).toEqual([]);
        expect(await report.emptiness(), `at ${width}`).toEqual([]);
      }
      expect([...report.complaints, ...report.requests]).toEqual([]);
      await report.close();
    });
  });

  test('tells of every trial that left files which are not stored as they were', async () => {
    const notes = { 2: ['MODEL_DIR: "pipe" is left out: it is a FIFO'], 5: ['MODEL_DIR: "<b>" is left out'] };
    const report = await browser.open(pageOf(classifier(8, { notes })));
    expect(await report.page.locator('header').innerText()).toContain('by trials 2, 5; open a trial');
    await report.page.getByRole('button', { name: 'Trial 5', exact: true }).first().click();
    expect(await report.page.getByRole('dialog').innerText()).toContain('MODEL_DIR: "<b>" is left out');
    await report.close();
  });

  test('halving shows one budget at a time, that which importance rests on first, and whose choice both charts follow', async () => {
    const report = await browser.open(pageOf(gallery()['halving']!));
    await report.drawAll();
    const dots = (panel: string) =>
      report.page
        .locator(`#${panel} svg`)
        .first()
        .locator('path.dots:not(.failed)')
        .evaluateAll((paths) =>
          paths.map((path) => path.getAttribute('d')?.match(/M/g)?.length ?? 0).reduce((a, b) => a + b, 0),
        );
    expect(await report.page.locator('#importance .lead').innerText()).toContain('71 results at 1 epoch');
    expect(await report.page.locator('#importance').innerText()).toMatch(
      /learning_rate best value depends on the others/,
    );
    expect(await dots('progress')).toBe(71);
    await report.page.locator('#progress').getByLabel('Trained for').selectOption({ label: '3 epochs: 23 trials' });
    await expect.poll(() => dots('progress')).toBe(23);
    // The winner's dot lies on its own.
    await expect.poll(() => dots('parameters')).toBe(24);
    expect(await report.page.locator('#parameters').getByLabel('Trained for').inputValue()).toBe('2');
    expect(await untidy(report)).toEqual([]);
    await report.close();
  });

  test('a failed sweep says so first, with what failed before the leaderboard and no bar of what was not run', async () => {
    const report = await browser.open(pageOf(gallery()['all-failed']!));
    const text = await report.page.locator('main').innerText();
    expect(text).toContain('No trial has succeeded.');
    expect(text).toMatch(/Failed\s+5\s+Not run\s+7/);
    expect(text).toContain('5 of 12 trainings failed; 7 were not run.');
    expect(text).toContain('sweep logs digits-3f9a12cc 0.');
    expect(await report.page.locator('#time .legend').innerText()).toBe('failed');
    const heads = await report.page.locator('.leaderboard thead th button').allInnerTexts();
    expect(heads.slice(0, 3)).toEqual(['Trial', 'Outcome', 'batch_size']);
    expect(text.indexOf('5 exit-status')).toBeLessThan(text.indexOf('Click a heading'));
    expect(await report.page.locator('#time .chart').getAttribute('class')).toBe('chart');
    expect(text).toMatch(/Ran on\s+4 slots/);
    // Below the screen, and drawn all the same.
    await expect.poll(() => report.page.locator('#time svg').count()).toBe(1);
    expect(await report.page.locator('#failures pre:visible').innerText()).toContain('import timm');
    expect(await untidy(report)).toEqual([]);
    await report.close();
  });

  test('several objectives are drawn against the first, with limits, the front and what cannot win', async () => {
    const made = classifier(0);
    const report = await browser.open(
      pageOf({
        spec: {
          search: { strategy: 'random', trials: 30, space: { width: { min: 0, max: 1 }, depth: { min: 0, max: 1 } } },
          objective: [
            { metric: 'val_accuracy' },
            { metric: 'latency_ms', goal: 'minimize', limit: 20 },
            { metric: 'model_mb', goal: 'minimize' },
          ],
          training: { epochs: 2 },
        },
        trials: 30,
        slots: made.slots ?? 1,
        train: ({ width, depth }) => ({
          curve: [0.1, 0.5 + 0.4 * (width as number)],
          others: { latency_ms: 30 * (width as number), model_mb: 5 + (depth as number) },
        }),
      }),
    );
    await report.drawAll();
    const limited = report.page.locator('#front figure', { hasText: 'latency_ms' });
    const traded = report.page.locator('#front figure', { hasText: 'model_mb' });
    expect(await limited.locator('line.limit').count()).toBe(1);
    expect(await traded.locator('line.limit').count()).toBe(0);
    expect(await traded.locator('path.line.tier0').getAttribute('d')).toMatch(/M.*L/);
    expect(await limited.locator('path.failed').getAttribute('d')).toMatch(/^M/);
    expect(await report.page.locator('#winner').innerText()).toMatch(/latency_ms\s+1\d\.\d+\s+model_mb\s+5\.\d+/);
    const rows = await report.page.locator('.leaderboard tbody tr').allInnerTexts();
    expect(rows.at(-1)).toContain('beyond the limit of latency_ms');
    expect(rows.at(-1)).toMatch(/^\s*\d+/);
    expect(report.complaints).toEqual([]);
    await report.close();
  });

  test('a null among choices is shown as a value, a parameter that is not active as none', async () => {
    const report = await browser.open(pageOf(gallery()['categories-30']!));
    const [head, ...rows] = await report.page
      .locator('.leaderboard tr')
      .evaluateAll((all) =>
        all.map((row) => [...(row as HTMLTableRowElement).cells].map((cell) => cell.innerText.trim())),
      );
    const [augment, alpha] = ['augment', 'augment.alpha'].map((name) => head!.indexOf(name));
    const setup = await report.page.locator('#setup').innerText();
    expect(await untidy(report)).toEqual([]);
    const names = report.page.locator('#parameters figure', { hasText: 'backbone' }).locator('text[transform]');
    expect(await names.first().textContent()).toContain('0_tiny');
    await report.close();
    expect(setup).toMatch(/python train\.py --augment=/);
    expect(setup).toMatch(/WANDB_API_KEY\s+the secret wandb/);
    for (const said of [
      'Ada Lovelace',
      '5f7f7e1e0f on mixup',
      'uncommitted changes in train.py',
      'torch 2.9.0',
      '2 NVIDIA H200',
    ])
      expect(setup).toContain(said);
    expect(setup).toMatch(/augment\.alpha\s+0\.1, 0\.2, 0\.4\s+augment is mixup/);
    const seen = new Set(rows.map((row) => row[augment!]));
    expect([...seen].every((text) => ['null', 'flip', 'mixup'].includes(text!))).toBe(true);
    expect(rows.every((row) => (row[alpha!] === '') === (row[augment!] !== 'mixup'))).toBe(true);
  });

  test('hostile names and values are shown as text and do nothing', async () => {
    const report = await browser.open(pageOf(hostile()));
    await report.drawAll();
    for (const summary of await report.page.locator('summary').all()) await summary.click();
    await report.page.locator('.leaderboard tbody button').first().click();
    expect(await report.page.evaluate(() => (globalThis as { hacked?: unknown }).hacked)).toBeUndefined();
    expect(await report.page.locator('img, b b, iframe, a:not(.contents a)').count()).toBe(0);
    expect(await report.page.locator('#note').innerText()).toContain('<img src=x');
    expect(await report.page.locator('#spec pre').innerText()).toContain('<img src=x');
    expect(await report.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1280);
    expect([...report.complaints, ...report.requests]).toEqual([]);
    await report.close();
  });

  test('a brush to the end of the axis takes in what is drawn there because it lies beyond', async () => {
    const made = sweeps()['a sweep with values no scale holds']!;
    const report = await browser.open(pageOf(made));
    await report.drawAll();
    const axis = report.page.locator('#parallel .axis', { hasText: 'loss' }).locator('.overlay');
    const box = (await axis.boundingBox())!;
    await report.page.mouse.move(box.x + box.width / 2, box.y + box.height * 0.3);
    await report.page.mouse.down();
    await report.page.mouse.move(box.x + box.width / 2, box.y - 20, { steps: 5 });
    await report.page.mouse.up();
    await report.page.getByRole('button', { name: 'loss', exact: true }).click();
    await report.page.getByRole('button', { name: 'loss', exact: true }).click();
    expect(await report.page.locator('.leaderboard tbody tr').first().innerText()).toContain('5e299');
    await report.close();
  });

  test('on paper charts fit, controls are left out and the spec is open', async () => {
    const report = await browser.open(pageOf(gallery()['halving']!), { colorScheme: 'dark' });
    await report.drawAll();
    await report.page.setViewportSize({ width: 700, height: 900 });
    await report.page.emulateMedia({ media: 'print' });
    await report.page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
    const wide = await report.page.evaluate(
      () =>
        [...document.querySelectorAll('.chart svg')].filter((svg) => svg.getBoundingClientRect().right > innerWidth)
          .length,
    );
    expect(wide).toBe(0);
    expect(await report.page.locator('.filters').isVisible()).toBe(false);
    expect(await report.page.locator('.leaderboard tbody tr').count()).toBe(81);
    expect(await report.page.locator('.leaderboard thead').innerText()).toMatch(/Rank\s+Trial\s+val_accuracy/);
    expect(await report.page.getByText('Click a heading').isVisible()).toBe(false);
    expect(await report.page.locator('#progress').innerText()).toContain('Trained for 1 epoch: 71 trials.');
    expect(await report.page.getByRole('button', { name: 'Copy the spec' }).isVisible()).toBe(false);
    expect(await report.page.locator('#spec pre').isVisible()).toBe(true);
    expect(await report.page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
      'rgb(255, 255, 255)',
    );
    expect((await report.page.pdf()).length).toBeGreaterThan(10_000);
    await report.close();
  });

  test('only on a screen does a running sweep say that its page reloads', async () => {
    const report = await browser.open(pageOf(gallery()['running']!));
    const note = report.page.getByText('this page reloads every minute');
    expect(await note.isVisible()).toBe(true);
    await report.page.emulateMedia({ media: 'print' });
    expect(await note.isVisible()).toBe(false);
    expect(await report.page.getByText('The sweep is running').isVisible()).toBe(true);
    await report.close();
  });

  test('of a running sweep lists what has no result yet, with what is known of it', async () => {
    const report = await browser.open(pageOf(gallery()['running']!));
    const panel = report.page.locator('#open');
    expect(await panel.innerText()).toContain('34 trainings without a result. The first 4 are below.');
    expect((await panel.locator('tbody tr').allInnerTexts()).map((text) => text.split('\t').slice(0, 3))).toEqual([
      ['30', '20', 'begun 2026-03-02 11:20 UTC'],
      ['31', '20', 'begun 2026-03-02 11:21 UTC, interrupted 2 times'],
      ['32', '20', ''],
      ['33', '20', ''],
    ]);
    await report.close();
  });

  test('sweeps are compared on one page: their best so far overlaid, their parameters and leaders side by side', async () => {
    const report = await browser.open(comparisonPageOf(comparisons()['two-sweeps']!), { width: 390 });
    await report.drawAll();
    const line = (color: string) => report.page.locator(`#progress path.compared.${color}`).getAttribute('d');
    const overTrials = await Promise.all([line('lit0'), line('lit1')]);
    await report.page.locator('#progress').getByLabel('Cost').check();
    await expect.poll(() => Promise.all([line('lit0'), line('lit1')])).not.toEqual(overTrials);
    const rates = report.page.locator('#parameters figure', { hasText: 'learning_rate' });
    expect(await rates.locator('path.dots').count()).toBe(2);
    expect(await report.page.locator('#leaders tbody tr').count()).toBe(10);
    expect(await report.page.locator('#facts tr', { hasText: 'Trials' }).first().innerText()).toMatch(/40.*\s209/);
    expect(await report.page.locator('#facts tr', { hasText: 'Cost' }).first().innerText()).toMatch(/\$\d.*\$\d/);
    expect(await report.page.locator('#specs tr', { hasText: 'search.seed' }).innerText()).toMatch(/7\s+0/);
    expect(await report.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    expect([...(await report.violations()), ...report.complaints, ...report.requests]).toEqual([]);
    await report.close();
  });

  test('a script that got into the page is not run', async () => {
    const report = await browser.open(
      pageOf(classifier(3)).replace('<main', '<script>window.hacked = true</script><main'),
    );
    expect(await report.page.evaluate(() => (globalThis as { hacked?: unknown }).hacked)).toBeUndefined();
    await report.close();
  });

  test('10,000 trials take less than 3 MB, open, sort, filter and scroll', async () => {
    const page = pageOf(classifier(10_000));
    // Ten times the trials of which it may take as much.
    expect(page.length).toBeLessThan(3_000_000);
    const report = await browser.open(page);
    await report.page.getByRole('button', { name: 'dropout', exact: true }).click();
    await report.page.getByLabel('Find').fill('optimizer-that-is-not-there');
    expect(await report.page.getByText(/shown$/).innerText()).toBe('0 trials of 10,000 shown');
    await report.page.getByRole('button', { name: 'Clear filters' }).click();
    await report.page.locator('#time').scrollIntoViewIfNeeded();
    await expect.poll(() => report.page.locator('#time svg').count()).toBe(1);
    expect(report.complaints).toEqual([]);
    await report.close();
  });

  test('without scripts the page still names the winner', async () => {
    const report = await browser.open(pageOf(classifier(10)), { javaScriptEnabled: false });
    expect(await report.page.locator('body').innerText()).toMatch(/Best val_accuracy: 0\.\d+ by trial \d+/);
    await report.close();
  });
});

/** What touches or is empty on a phone. */
async function untidy(report: OpenedReport): Promise<string[]> {
  await report.drawAll(390);
  return [...(await report.overlaps()), ...(await report.emptiness())];
}

/** Sweeps that have little to show, or much of something. */
function sweeps(): Record<string, MadeSweep> {
  const curve = (value: number) => ({ curve: [value / 2, value] });
  const of = (
    space: MadeSweep['spec']['search']['space'],
    trials: number,
    train: MadeSweep['train'],
    more: object = {},
  ): MadeSweep => ({
    spec: {
      search: { strategy: 'random', trials, space },
      objective: { metric: 'loss', goal: 'minimize' },
      training: { epochs: 2 },
      ...more,
    },
    trials,
    train,
  });
  return {
    'a sweep with failures of five classes': gallery()['five-failures']!,
    'one trial': of({ a: { min: 0, max: 1 } }, 1, () => curve(1)),
    'one epoch': of({ a: { min: 0, max: 1 }, b: ['x', 'y'] }, 12, (p) => ({ curve: [p['a'] as number] })),
    'one parameter': of({ a: { min: 0, max: 1 } }, 12, (p) => curve(p['a'] as number)),
    'a grid of one list': of({ batch_size: [16, 32, 64] }, 3, (p) => curve(p['batch_size'] as number)),
    'a constant objective': of({ a: { min: 0, max: 1 }, b: ['x', 'y'], c: [1, 2] }, 12, () => curve(0.5)),
    'a sweep whose trials all failed': of({ a: { min: 0, max: 1 }, b: [1, 2] }, 6, () => ({
      failure: 'exit-status',
      reason: 'the program exited with status 1',
      log: 'no',
    })),
    'a sweep with values no scale holds': of({ a: { min: 0, max: 1 }, b: [1, 2] }, 30, (_, trial) =>
      curve(trial === 7 ? 1e300 : trial / 100 - 0.1),
    ),
    'tiny and huge values': of(
      {
        a: { min: 1e-12, max: 1e12, scale: 'log' },
        b: { min: 1_000_000, max: 1_000_010, type: 'integer' },
        c: { min: 0.3, max: 0.3 },
      },
      30,
      (p) => curve(1e-7 * Math.log(p['a'] as number) + 3e-6),
    ),
    'many parameters with long names': of(
      Object.fromEntries(
        Array.from({ length: 18 }, (_, k) => [
          `a_parameter_with_quite_a_long_name_${k}`,
          k % 2 === 0 ? { min: 0, max: 1 } : Array.from({ length: 25 }, (_, v) => `choice number ${v} of many`),
        ]),
      ),
      40,
      (p) => curve(p['a_parameter_with_quite_a_long_name_0'] as number),
    ),
    'a sweep that was gone on with days later': classifier(40, { resumedAt: 25 }),
    'many machines': { ...classifier(120, { hosts: 60 }) },
  };
}

/** Whatever somebody may write or print. */
function hostile(): MadeSweep {
  const evil = [
    '<img src=x onerror="window.hacked = 1">',
    '</script><script>window.hacked = 2</script>',
    '\u202eright to left \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627',
    'x'.repeat(100_000),
    '\ud83d\ude00'.repeat(300),
    'line\u2028separator\u0001control\ud800lone',
    '{{data}} {{title}} $& $1',
  ];
  return {
    sweepId: 'hostile-1',
    spec: {
      search: {
        strategy: 'random',
        trials: 40,
        space: {
          __proto__x: evil,
          constructor: evil.map((text) => ({ [text.slice(0, 50)]: text.slice(0, 50) })),
          toString: { min: 0, max: 1 },
        },
      },
      objective: { metric: '<b>metric</b>"\'><script>window.hacked = 3</script>', goal: 'maximize' },
      training: { epochs: 2, environment: { NOTE: evil[0]! } },
      note: `# Why\n${evil.filter((text) => text.length < 5000).join('\n\n')}\n\n[x](javascript:window.hacked=4)`,
    },
    trials: 40,
    train: (parameters, trial) =>
      trial % 5 === 0
        ? {
            failure: 'exit-status',
            reason: `the program exited with status 1: ${evil[trial % 7]}`,
            log: evil.join('\n').slice(0, 4000),
          }
        : { curve: [0.1, parameters['toString'] as number] },
  };
}
