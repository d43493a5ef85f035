import { expect, test } from 'vitest';
import { moduleOf } from '../../../inputs/script/module.ts';
import { roleOf, valuesOf } from '../../../inputs/script/roles.ts';
import { searcherInterface } from '../../../inputs/script/searchers.ts';
import { wandbInterface } from '../../../inputs/script/trackers.ts';

/** The space of a program that searches by itself, as a spec writes it; the lines are Python. */
function space(read: typeof searcherInterface, ...lines: readonly string[]) {
  const { options = [] } = read([moduleOf('tune.py', lines.join('\n'))]) ?? {};
  const searched = options.filter((option) => roleOf(option) === 'parameter');
  return Object.fromEntries(searched.map((option) => [option.name, valuesOf(option)!.text]));
}

test("Ray Tune's space stands in a dictionary", () => {
  const config = [
    'config = {',
    '  "lr": tune.loguniform(1e-4, 1e-1),',
    '  "dropout": tune.uniform(0.1, 0.5),',
    '  "layers": tune.randint(1, 5),',
    '  "width": tune.quniform(8, 64, 8),',
    '  "wd": tune.grid_search([0.0, 1e-4]),',
    '  "opt": tune.choice(["adam", "sgd"]),',
    '}',
    'result = tune.run(train, config=config)',
  ];
  expect(space(searcherInterface, ...config)).toEqual({
    lr: '{ min: 0.0001, max: 0.1, scale: log }',
    dropout: '{ min: 0.1, max: 0.5 }',
    layers: '{ min: 1, max: 4, type: integer }',
    width: '{ min: 8.0, max: 64.0, step: 8 }',
    wd: '[0, 0.0001]',
    opt: '[adam, sgd]',
  });
});

test("Keras Tuner's space stands in its calls", () => {
  const lines = [
    'n = hp.Int("layers", 1, 3)',
    'u = hp.Int(name="units", min_value=32, max_value=96, step=32)',
    'r = hp.Float("rate", min_value=1e-4, max_value=1e-2, sampling="log")',
    'a = hp.Choice("activation", ["relu", "tanh"])',
    'd = hp.Boolean("dropout")',
  ];
  expect(space(searcherInterface, ...lines)).toEqual({
    layers: '{ min: 1, max: 3, type: integer }',
    units: '{ min: 32, max: 96, step: 32 }',
    rate: '{ min: 0.0001, max: 0.01, scale: log }',
    activation: '[relu, tanh]',
    dropout: '[true, false]',
  });
});

test("hyperopt's bounds of a logarithm are logarithms, and its steps of 1 whole numbers", () => {
  const lines = [
    'space = {"a": hp.loguniform("lr", np.log(1e-4), np.log(1e-1)), "b": hp.loguniform("wd", -7, 0),',
    '  "c": hp.quniform("depth", 3, 18, 1), "d": hp.uniform("rate", 0.5, 1), "e": hp.choice("kind", ["a", "b"])}',
  ];
  expect(space(searcherInterface, ...lines)).toEqual({
    lr: '{ min: 0.0001, max: 0.1, scale: log }',
    wd: '{ min: 0.000912, max: 1.0, scale: log }',
    depth: '{ min: 3, max: 18, type: integer }',
    rate: '{ min: 0.5, max: 1.0 }',
    kind: '[a, b]',
  });
});

test.each([
  ['a = hp.qloguniform("n", 0, 3, 1)', { n: '{ min: 1, max: 20, scale: log, type: integer }' }],
  ['config = {"n": tune.qrandint(2, 8, 2)}', { n: '{ min: 2, max: 8, step: 2 }' }],
  ['config = {"a": tune.loguniform(0, 1), "b": tune.uniform(0, 1)}', { b: '{ min: 0.0e+0, max: 1.0 }' }],
])('a space that a spec can have: %s', (line, expected) => {
  expect(space(searcherInterface, line)).toEqual(expected);
});

test.each([
  ['config = {"l1": tune.choice([2 ** i for i in r]), "l2": tune.choice([16, 32])}', 'int(os.environ["L2"])'],
  ['a = hp.Choice("kind", ["x", "y"])', 'os.environ["KIND"]'],
])('what is searched is told how to be read: %s', (line, expected) => {
  expect(searcherInterface([moduleOf('tune.py', line)])?.toDo?.[0]).toContain(` in tune.py:1 ${expected}, and `);
});

test("the space of W&B's own sweep is that of its config", () => {
  const lines = [
    'run = wandb.init()',
    'print(wandb.config.lr)',
    'sweep = {"method": "bayes", "parameters": {"lr": {"distribution": "log_uniform_values", "min": 1e-5, "max": 1e-1},',
    '  "batch_size": {"values": [16, 32]}, "hidden": {"min": 8, "max": 64}, "x": {"value": 5}}}',
    'wandb.agent(wandb.sweep(sweep), train)',
  ];
  expect(space(wandbInterface, ...lines)).toEqual({
    lr: '{ min: 1.0e-5, max: 0.1, scale: log }',
    batch_size: '[16, 32]',
    hidden: '{ min: 8, max: 64, type: integer }',
  });
});
