import { expect, test } from 'vitest';
import { moduleOf } from '../../../inputs/script/module.ts';
import { printedMetrics } from '../../../inputs/script/printed.ts';

/** The likeliest metric of a program and its pattern; the lines are Python. */
function read(...lines: readonly string[]) {
  const [best] = printedMetrics([moduleOf('train.py', lines.join('\n'))]);
  return best === undefined ? null : [best.metric, best.pattern];
}

test.each([
  [String.raw`print(f"\033[92mval_acc: {acc:.3f}\033[0m")`, ['val_acc', 'val_acc: {number}']],
  [
    String.raw`print("\x1b[1mVal accuracy\x1b[0m = \x1b[32m{:.2f}\x1b[0m".format(acc))`,
    ['val_accuracy', 'Val accuracy = {number}'],
  ],
  [String.raw`print("\b\b\b\bval_loss", loss)`, ['val_loss', 'val_loss {number}']],
  [String.raw`print(f"\u2713 val acc \u2192 {acc}")`, ['val_acc', '✓ val acc → {number}']],
])('colours, backspaces and escapes are read as they are printed: %s', (line, expected) => {
  expect(read(line)).toEqual(expected);
});

test('a raw string keeps its backslashes', () => {
  expect(read(String.raw`print(r"\x41 val_loss", loss)`)).toEqual([
    'x41_val_loss',
    String.raw`\\x41 val_loss {number}`,
  ]);
});

test.each([
  ['print("val_acc", acc, sep="=")', ['val_acc', 'val_acc={number}']],
  [String.raw`print("val_acc", acc, sep="\t")`, ['val_acc', String.raw`val_acc\t{number}`]],
  [String.raw`print("val_acc:\t", acc)`, ['val_acc', String.raw`val_acc:\t {number}`]],
  [String.raw`print(f"val_acc:\t{acc:8.3f}")`, ['val_acc', String.raw`val_acc:\t *{number}`]],
])('what divides a name from its number is what is printed there: %s', (line, expected) => {
  expect(read(line)).toEqual(expected);
});

test.each([
  ['logging.info("epoch %d val_acc=%s", epoch, acc)', ['val_acc', 'val_acc={number}']],
  ['logger.info("Val loss %8.4f (%d%%)", loss, done)', ['val_loss', 'Val loss *{number}']],
  ['logger.info("val_acc={} epoch={}", acc, epoch)', ['val_acc', 'val_acc={number}']],
])('a logger puts its arguments into its text: %s', (line, expected) => {
  expect(read(line)).toEqual(expected);
});

test.each([
  [
    [
      'logging.info("train epoch: %d, loss: %.4f, accuracy: %.2f", e, l, a)',
      'logging.info("eval epoch: %d, loss: %.4f, accuracy: %.2f", e, l, a)',
    ],
    ['eval_accuracy', 'eval epoch:.*?accuracy: {number}'],
  ],
  [
    ['print(f"[train] {e}: loss {a:.3f} acc {b:.3f}")', 'print(f"[valid] {e}: loss {a:.3f} acc {b:.3f}")'],
    ['valid_acc', String.raw`\[valid\].*?acc {number}`],
  ],
  [['print(f"Validation: loss {a}, f1 {b}")'], ['validation_f1', 'f1 {number}']],
])('the beginning of a line says on which data its numbers were measured: %j', (lines, expected) => {
  expect(read(...lines)).toEqual(expected);
});

test.each([
  ['click.echo(click.style(f"val_acc={acc:.2%}", bold=True), color=True)', ['val_acc', 'val_acc={number}']],
  ['print_rank0(f"val_loss {loss}")', ['val_loss', 'val_loss {number}']],
  [`progress_bar(i, n, 'Loss: %.3f | Val Acc: %.3f%%' % (loss, acc))`, ['val_acc', 'Val Acc: {number}']],
])('what a function prints for a program is read: %s', (line, expected) => {
  expect(read(line)).toEqual(expected);
});

test.each([
  ['print(json.dumps({"epoch": epoch, "val_loss": loss}))', ['val_loss', '"val_loss": {number}']],
  ['print({"epoch": epoch, "val_loss": loss})', ['val_loss', "'val_loss': {number}"]],
  [`print(f"it's 'val_loss': {loss}")`, ['val_loss', "'val_loss': {number}"]],
  ['logger.info(json.dumps(dict(val_loss=loss), indent=2))', ['val_loss', '"val_loss": {number}']],
])('a dictionary is printed with its keys: %s', (line, expected) => {
  expect(read(line)).toEqual(expected);
});

test('brackets deeper than Python reads are no program, however many', () => {
  const deep = `x = ${'f('.repeat(4000)}${')'.repeat(4000)}`;
  expect(moduleOf('train.py', `print("val_loss", loss)\n${deep}`).calls).toHaveLength(1);
});

test.each([
  ['print(f"train {a} | val {losses[\'val\']:.3f}")', ['val_loss', 'val {number}']],
  ['print("train %.3f, valid %.3f" % (train_acc, valid_acc))', ['valid_acc', 'valid {number}']],
  ['print("train {:.3f}, val {:.3f}".format(tl, val_loss))', ['val_loss', 'val {number}']],
  ['logger.info("train %f, val %f", tl, vl_loss)', ['val_loss', 'val {number}']],
  ['print("val", val_mse)', ['val_mse', 'val {number}']],
])('of what a number was measured, its expression says where its words name only the data: %s', (line, expected) => {
  expect(read(line)).toEqual(expected);
});

test.each([
  ['print(f"train {a} val {b}")', ['val', 'val {number}']],
  ['print("train", len(train), "val", len(val))', null],
  ['print("loss", loss, "val", b)', ['loss', 'loss {number}']],
])('a number of which nothing but its data is known is the last that is taken: %s', (line, expected) => {
  expect(read(line)).toEqual(expected);
});

test('what follows `of` and `on` does not hide what was measured', () => {
  expect(read('print(f"Accuracy of the network on the 100 test images: {a} %")')).toEqual([
    'test_accuracy',
    'Accuracy of the network on the 100 test images: {number}',
  ]);
});

test.each([
  [
    ['m = {"accuracy": a, "f1": b}', 'print(f"epoch {e}: {m}")'],
    ['accuracy', "'accuracy': {number}"],
  ],
  [
    ['m = {"accuracy": a}', 'print(f"epoch {e}:", m)'],
    ['accuracy', "'accuracy': {number}"],
  ],
  [
    ['metric = evaluate.load("f1")', 'm = metric.compute()', 'logger.info(f"epoch {e}: {m}")'],
    ['f1', "'f1': {number}"],
  ],
])('a dictionary that is printed by its name is read as it is printed: %j', (lines, expected) => {
  expect(read(...lines)).toEqual(expected);
});

test.each([
  ['bar.set_postfix(loss=a, val_acc=b, refresh=False)', ['val_acc', 'val_acc={number}']],
  ['bar.set_postfix({"val_acc": b})', ['val_acc', 'val_acc={number}']],
  ['bar.set_description(f"val loss {b:.3f}")', ['val_loss', 'val loss {number}']],
])('a progress bar is read as it writes: %s', (line, expected) => {
  expect(read(line)).toEqual(expected);
});

test('a line of its own comes before a progress bar', () => {
  expect(read('bar.set_postfix(val_loss=a)', 'print(f"val loss: {a}")')).toEqual(['val_loss', 'val loss: {number}']);
});

test('of an agent, the average counts, not the last episode', () => {
  expect(read('print(f"Last reward: {a} Average reward: {b}")')).toEqual([
    'average_reward',
    'Average reward: {number}',
  ]);
});
