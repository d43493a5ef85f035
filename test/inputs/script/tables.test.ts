import { expect, test } from 'vitest';
import { metricsOf } from '../../../inputs/script/metrics.ts';
import { moduleOf } from '../../../inputs/script/module.ts';

const found = (text: string) =>
  metricsOf([moduleOf('train.py', `import csv\n${text}`)], '').map(({ metric, source, place }) => [
    metric,
    source.kind === 'file' ? source.file : source.kind,
    place,
  ]);

test.each([
  [
    "a DictWriter's list of field names",
    'with open("log.csv", "w", newline="") as file:\n    w = csv.DictWriter(file, fieldnames=["epoch", "loss", "val_accuracy"])\n    w.writeheader()\n',
    'val_accuracy',
    'log.csv',
  ],
  [
    'field names given by place, under a name, and a path under another',
    'FIELDS = ["epoch", "val_loss"]\npath = Path(args.out) / "history.csv"\nfile = open(path, "a")\nw = csv.DictWriter(file, FIELDS)\n',
    'val_loss',
    '**/history.csv',
  ],
  [
    "the keys of a dictionary that is a writer's row",
    'row = {"epoch": 1, "val_f1": f1}\nfrom csv import DictWriter\nwith open("out/log.csv", "a") as file:\n    DictWriter(file, fieldnames=list(row.keys())).writerow(row)\n',
    'val_f1',
    'out/log.csv',
  ],
  [
    'the texts among names that are not known',
    'with open("log.csv", "w") as file:\n    w = csv.DictWriter(file, ["val_auc", *more])\n',
    'val_auc',
    'log.csv',
  ],
  [
    "a plain writer's first row",
    'with open("log.csv", "w") as file:\n    w = csv.writer(file)\n    w.writerow(["epoch", "val_loss"])\n    for e in range(3):\n        w.writerow([e, loss])\n',
    'val_loss',
    'log.csv',
  ],
  [
    'a first row written without a name for the writer',
    'with open("log.csv", "w") as file:\n    csv.writer(file).writerow(["epoch", "val_loss"])\n',
    'val_loss',
    'log.csv',
  ],
  [
    'a writer and a file that an object holds',
    'class Log:\n    def __init__(self):\n        self.file = open("log.csv", "w")\n        self.writer = csv.writer(self.file)\n        self.writer.writerow(["epoch", "val_loss"])\n',
    'val_loss',
    'log.csv',
  ],
])('init reads %s', (_, text, metric, file) => {
  expect(found(text)[0]?.slice(0, 2)).toEqual([metric, file]);
});

test('a column names the line of its header', () => {
  const text = 'file = open("log.csv", "w")\nw = csv.writer(file)\nw.writerow(["epoch", "val_loss"])\n';
  expect(found(text)).toEqual([['val_loss', 'log.csv', 'train.py:4']]);
});

test.each([
  ['a file whose name is not in the text', 'w = csv.writer(file)\nw.writerow(["val_loss"])\n'],
  ['rows of values', 'w = csv.writer(open("log.csv", "w"))\nw.writerow([1, loss])\n'],
  ['columns that are no metrics', 'w = csv.DictWriter(open("log.csv", "w"), ["name", "path"])\n'],
  ['names that stand for each other', 'a = b\nb = a\nw = csv.DictWriter(open("log.csv", "w"), a)\n'],
])('init makes nothing of %s', (_, text) => {
  expect(found(text)).toEqual([]);
});

test('a metric that is printed as well is read from the print, which is heard at once', () => {
  const text = 'w = csv.DictWriter(open("log.csv", "w"), ["val_acc"])\nprint(f"val_acc: {acc}")\n';
  expect(found(text).map(([, source]) => source)).toEqual(['pattern', 'log.csv']);
});
