import { describe, expect, test } from 'vitest';
import { readMetricsFile } from '../../../core/trial/metrics-file.ts';

/** Written by tensorboard 2's EventFileWriter: values as PyTorch and Lightning write them, and tensors as Keras does. */
const PLAIN =
  'SAAAAAAAAAD+kkidCXAtrf+9wtpBGg1icmFpbi5FdmVudDoyUi4KLHRlbnNvcmJvYXJkLnN1bW1hcnkud3JpdGVyLmV2ZW50X2ZpbGVfd3JpdGVyhzVBHR0AAAAAAAAAYC/fIwkAAAAAAAD4PxABKhAKDgoHdmFsL2FjYxUAAAA/g/r4BxsAAAAAAAAAGg2eEwkAAAAAAAD4PxABKg4KDAoFZXBvY2gVAAAAAI20CmcrAAAAAAAAAIYbw0sJAAAAAAAA+D8QrAIqHQoOCgd2YWwvYWNjFWZmZj8KCwoEbG9zcxUAAMB/YXFN8hwAAAAAAAAAyMGVHQkAAAAAAAD4PxCsAioOCgwKBWVwb2NoFQAAgD8PFUz0';
const TENSOR =
  'SAAAAAAAAAD+kkidCdZWrf+9wtpBGg1icmFpbi5FdmVudDoyUi4KLHRlbnNvcmJvYXJkLnN1bW1hcnkud3JpdGVyLmV2ZW50X2ZpbGVfd3JpdGVyjIn6UiQAAAAAAAAAQiuATQkAAAAAAAD4PyoZChcKCWVwb2NoX2FjY0IKCAESACoEAAAAP8CRJLM/AAAAAAAAAFFldmEJAAAAAAAA+D8QASoyChsKCWVwb2NoX2FjY0IOCAISADIIAAAAAAAA6D8KEwoEdGV4dEILCAcSBBICCAFCAWHZ5VmJ';
const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));
const rows = (content: string | Uint8Array, ended = true) =>
  readMetricsFile(typeof content === 'string' ? Buffer.from(content) : content, ended).map(({ epoch, values }) => [
    epoch,
    values,
  ]);

describe("TensorBoard's event files", () => {
  test('give their scalars by step, numbered where a scalar is the epoch', () => {
    expect(rows(bytesOf(PLAIN))).toEqual([
      [0, { 'val/acc': 0.5 }],
      [1, { 'val/acc': 0.9, loss: null }],
    ]);
  });

  test('may hold them as tensors', () => {
    expect(rows(bytesOf(TENSOR))).toEqual([
      [null, { epoch_acc: 0.5 }],
      [null, { epoch_acc: 0.75 }],
    ]);
  });

  test('are read up to what is being written', () => {
    const whole = bytesOf(PLAIN);
    for (let length = 64; length < whole.length; length++)
      expect(rows(whole.subarray(0, length)).length).toBeLessThanOrEqual(2);
    expect(rows(whole.subarray(0, whole.length - 30))).toHaveLength(2);
  });
});

describe('tables', () => {
  test.each([
    [
      'of Lightning, whose rows have holes',
      'epoch,step,train_loss,val_acc\n0,49,0.5,\n0,49,,0.8\n1,99,0.4,\n1,99,,0.9\n',
      [
        [0, { step: 49, train_loss: 0.5 }],
        [0, { step: 49, val_acc: 0.8 }],
        [1, { step: 99, train_loss: 0.4 }],
        [1, { step: 99, val_acc: 0.9 }],
      ],
    ],
    [
      'of ultralytics, whose names are padded',
      '                  epoch,      metrics/mAP50(B)\n                      1,               0.25\n',
      [[1, { 'metrics/mAP50(B)': 0.25 }]],
    ],
    [
      'of pandas, with an index',
      ',epoch,acc\n0,1,0.5\n1,2,0.6\n',
      [
        [1, { acc: 0.5 }],
        [2, { acc: 0.6 }],
      ],
    ],
    ['of Keras, with carriage returns', 'epoch,accuracy,loss\r\n0,0.5,1e-05\r\n', [[0, { accuracy: 0.5, loss: 1e-5 }]]],
    ['with quoted names and semicolons', '"a;b";acc\n1;"0.5"\n', [[null, { 'a;b': 1, acc: 0.5 }]]],
    ['with nan for holes', 'epoch,a,b\n1,0.5,nan\n1,nan,nan\n', [[1, { a: 0.5, b: null }], [1, { b: null }]]], // biome-ignore format: two rows
    ['with tabs and no epoch', 'acc\tloss\n0.5\t1\n', [[null, { acc: 0.5, loss: 1 }]]],
  ])('%s', (_, text, expected) => {
    expect(rows(text)).toEqual(expected);
  });

  test('leave out half a row while it is written', () => {
    expect(rows('epoch,acc\n1,0.5\n2,0.', false)).toEqual([[1, { acc: 0.5 }]]);
    expect(rows('epoch,acc\n1,0.5\n2,0.6')).toHaveLength(2);
  });

  test('are none without names', () => {
    expect(rows('1,2\n3,4\n')).toEqual([]);
    expect(rows('hello, world')).toEqual([]);
  });
});

describe('JSON', () => {
  test.each([
    ['one document', '{\n  "eval": {"accuracy": 0.9}\n}', [[null, { 'eval.accuracy': 0.9 }]]],
    ['lines', '{"epoch": 1, "acc": 0.5}\n{"epoch": 2, "acc": NaN}\n', [[1, { acc: 0.5 }], [2, { acc: null }]]], // biome-ignore format: two rows
    [
      "the log history of Hugging Face's trainer",
      '{"best_metric": 1, "log_history": [{"epoch": 0.5, "loss": 2, "step": 5}, {"epoch": 1.0, "eval_acc": 0.9, "step": 10}]}',
      [[0.5, { loss: 2, step: 5 }], [1, { eval_acc: 0.9, step: 10 }]], // biome-ignore format: two rows
    ],
    ['lists by epoch', '{"acc": [0.5, 0.6], "name": "x", "loss": [2, null]}', [[null, { acc: 0.5, loss: 2 }], [null, { acc: 0.6, loss: null }]]], // biome-ignore format: two rows
    ['lists inside mappings', '{"valid": {"auc": [0.5, 0.6]}, "train": {"auc": [0.7, 0.8]}}', [[null, { 'valid.auc': 0.5, 'train.auc': 0.7 }], [null, { 'valid.auc': 0.6, 'train.auc': 0.8 }]]], // biome-ignore format: two rows
    ['values beside lists', '{"acc": 0.9, "epoch": 7, "f1": [0.5, 0.6]}', [[null, { f1: 0.5 }], [null, { f1: 0.6, acc: 0.9 }]]], // biome-ignore format: two rows
    ['steps out of order', '[{"step": 2, "acc": 2}, {"step": 1, "acc": 1}]', [[null, { step: 1, acc: 1 }], [null, { step: 2, acc: 2 }]]], // biome-ignore format: two rows
  ])('of %s', (_, text, expected) => {
    expect(rows(text)).toEqual(expected);
  });

  test('with NUL characters is none', () => {
    expect(rows('{"a": 1}\0')).toEqual([]);
  });
});
