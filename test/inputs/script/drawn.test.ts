import { expect, test } from 'vitest';
import { drawnMetrics } from '../../../inputs/script/drawn.ts';
import { moduleOf } from '../../../inputs/script/module.ts';

/** The metrics of a program's tables, each with what its pattern finds in a text; the lines are Python. */
const read = (drawn: string, ...lines: readonly string[]) =>
  drawnMetrics(moduleOf('train.py', lines.join('\n'))).map(({ metric, source, alsoAt }) => [
    metric,
    new RegExp((source as { pattern: string }).pattern.replace('{number}', '([0-9.]+)'), 'm').exec(drawn)?.[1],
    ...(alsoAt === undefined ? [] : [alsoAt]),
  ]);

test('a row that begins with a metric is read in the column of what is held out', () => {
  const drawn = '┃ Metric   ┃ Train  ┃ Val    ┃\n│ accuracy │ 0.5000 │ 0.6000 │\n';
  const columns = ['Metric', 'Train', 'Val'].map((name) => `table.add_column("${name}")`);
  expect(
    read(
      drawn,
      'from rich.table import Table',
      'table = Table()',
      ...columns,
      'table.add_row("accuracy", f"{a}", f"{b}")',
    ),
  ).toEqual([['val_accuracy', '0.6000']]);
});

test('a row of a metric in a table without such a column is read in its first', () => {
  expect(
    read('│ f1 │ 0.7 │', 'from rich.table import Table', 'table = Table()', 'table.add_row("f1", f"{a}")'),
  ).toEqual([['f1', '0.7']]);
});

test.each([
  ['│ 3 │ 52.0% │', ['from rich.table import Table', 't = Table("Epoch", "Val acc")', 't.add_row(str(e), f"{a}%")']],
  [
    '|   3   |   52.0  |',
    ['from prettytable import PrettyTable', 't = PrettyTable(["Epoch", "Val acc"])', 't.add_row([e, a])'],
  ],
  [
    '| 3 | 52.0 |',
    [
      'from prettytable import PrettyTable',
      't = PrettyTable()',
      't.field_names = ["Epoch", "Val acc"]',
      't.add_row([e, a])',
    ],
  ],
])('columns are named for metrics where the table says so: %s', (drawn, lines) => {
  expect(read(drawn, ...lines)).toEqual([['val_acc', '52.0']]);
});

test('a column that another table has at the same place is named', () => {
  const lines = ['from rich.table import Table', 't = Table("val loss")', 't.add_row(f"{a}")', 'other.add_row(f"{b}")'];
  expect(read('│ 0.4 │', ...lines)).toEqual([['val_loss', '0.4', 'train.py:4']]);
});
