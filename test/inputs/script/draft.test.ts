// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shells read them

import { parse as parseToml } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Json } from '../../../core/base/json.ts';
import { placed } from '../../../core/spec/command.ts';
import { resolveSpec } from '../../../core/spec/resolve.ts';
import type { Spec } from '../../../core/spec/spec.ts';
import { draftSpec } from '../../../inputs/script/draft.ts';
import type { ProgramFolder } from '../../../inputs/script/program.ts';

/** A folder of these files; a name that ends in a slash is an empty folder. */
function folderOf(files: Readonly<Record<string, string>>): ProgramFolder {
  const names = Object.keys(files).filter((name) => !name.endsWith('/'));
  const parents = Object.keys(files).flatMap((name) =>
    name.split('/').map((_, index, parts) => parts.slice(0, index).join('/')),
  );
  return {
    scripts: new Map(Object.entries(files).filter(([name]) => name.endsWith('.py'))),
    others: new Map(Object.entries(files).filter(([name]) => /\.(sh|R|jl)$/.test(name))),
    configs: names
      .filter((name) => /\.(ya?ml|json|toml)$/.test(name))
      .map((file) => ({
        file,
        text: files[file]!,
        document: file.endsWith('.toml') ? (parseToml(files[file]!) as Json) : parse(files[file]!),
      })),
    files: new Set(names),
    folders: new Set(parents.filter((name) => name !== '')),
  };
}

function drafted(files: Readonly<Record<string, string>>, from: string | null = null) {
  const { text, script } = draftSpec(folderOf(files), from, '# schema\nname: x\n', 'search: {}\n');
  // What `sweep plan` would say of it.
  const spec: Spec = resolveSpec(parse(text));
  return { text, script, spec, command: commandOf(spec) };
}

const commandOf = ({ training }: Spec): string =>
  training.command === undefined
    ? ''
    : placed(training.command)
        .map(({ element }) => element)
        .join(' ');

const ARGPARSE = `
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, default=64, help="how many (at once)")
parser.add_argument('--epochs', '-e', type=int, default=14)
parser.add_argument("--lr", type=float, default=1.0)
parser.add_argument("--optimizer", choices=["sgd", "adam"], default="sgd")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--no-cuda", action="store_true")
parser.add_argument("--nesterov", action="store_true")
parser.add_argument("--data-dir", default="./data")
parser.add_argument("--output-dir", default="out")
parser.add_argument("--log-interval", type=int, default=10)  # parser.add_argument("--dropout", type=float)
args = parser.parse_args()
for epoch in range(args.epochs):
    print('Train Epoch: {} [{}/{}]\\tLoss: {:.6f}'.format(epoch, 1, 2, loss))
    print('\\nTest set: Average loss: {:.4f}, Accuracy: {}/{} ({:.0f}%)\\n'.format(loss, correct, total, share))
`;

test('argparse: parameters, flags, and what the trial itself decides', () => {
  const { spec, command, text } = drafted({ 'train.py': ARGPARSE, 'data/a.txt': '' });
  expect(spec.search.space).toEqual({
    'batch-size': [32, 64, 128],
    lr: { min: 0.1, max: 10, scale: 'log', type: 'float' },
    optimizer: ['sgd', 'adam'],
    nesterov: [true, false],
  });
  expect(command).toBe(
    'python3 train.py --epochs={EPOCHS} --data-dir={DATA_DIR} --output-dir={MODEL_DIR} --seed={SEED} {args_no_boolean_flags}',
  );
  expect(spec.training).toMatchObject({ data: './data', source: '.', epochs: 14 });
  expect(spec.objective).toMatchObject({
    goal: 'maximize',
    pattern: 'Accuracy: [0-9]+/[0-9]+ \\({number}',
  });
  expect(text).toMatch(/lr: .* # train\.py:6, default 1$/m);
  expect(text).toMatch(/Left at their defaults: --no-cuda \(train\.py:9\), --log-interval \(train\.py:13\)/);
});

test('a pattern that reads other numbers as well says where they are printed', () => {
  const { text } = drafted(
    { 'train.py': 'def train():\n  print("Acc: %.3f" % acc)\ndef test():\n  print("Acc: %.3f" % acc)\n' },
    'train.py',
  );
  expect(text).toContain('# TO DO: it reads train.py:4, too; print what counts in words of its own');
});

test('what a program works out itself is not searched, and a flag that it marks as required is set', () => {
  const { text, command } = drafted({
    'train.py': `from absl import flags
flags.DEFINE_float('lr', 0.1, 'x')
flags.DEFINE_integer('batch_size', 0, 'x')
flags.DEFINE_string('workdir', None, 'x')
flags.DEFINE_string('env', None, 'x')
flags.mark_flags_as_required(['workdir', 'env'])
`,
  });
  expect(text).not.toMatch(/^ +batch_size:/m);
  expect(command).toContain('--workdir={MODEL_DIR}');
  expect(text).toContain('TO DO: --env (train.py:5) has no default; add --env=... to the command.');
});

test('settings in a class, or in a file of them, are constants, too', () => {
  const { spec, text } = drafted({
    'train.py':
      'import config\nfrom data import x\nclass Config:\n    batch_size = 64\n    epochs = 4\nclass Net:\n    dropout = 0.1\nmodel.fit()\n',
    'config.py': 'lr = 0.01\n',
    'data.py': 'width = 64\nx = 1\n',
  });
  expect(Object.keys(spec.search.space).sort()).toEqual(['batch_size', 'lr']);
  expect(spec.training.epochs).toBe(4);
  expect(text.replaceAll('\n# ', ' ')).toContain('lr = float(os.environ.get("LR", 0.01)) (config.py:1)');
});

test.each([
  [
    'XGBoost',
    'xgb.train({"eval_metric": "auc"}, d, 9, [(d, "train"), (v, "eval")])',
    ['valid_auc', 'eval-auc:{number}', 'maximize'],
  ],
  [
    "XGBoost's classifier",
    'XGBClassifier(eval_metric=["error", "logloss"]).fit(x, y, eval_set=[(x, y), (a, b)])',
    ['valid_logloss', 'validation_1-logloss:{number}', 'minimize'],
  ],
  [
    'LightGBM',
    'lgb.train({"metric": "binary_logloss"}, d, valid_sets=[v])',
    ['valid_binary_logloss', "valid_[0-9]+'s binary_logloss: {number}", 'minimize'],
  ],
  [
    'LightGBM with names',
    'lgb.train({"metric": ["auc"]}, d, valid_sets=[d, v], valid_names=["train", "held"])',
    ['valid_auc', "held's auc: {number}", 'maximize'],
  ],
])('what %s prints by itself is read', (_, call, expected) => {
  const { objective } = drafted({ 'train.py': `${call}\n` }, 'train.py').spec;
  expect([objective.metric, objective.pattern, objective.goal]).toEqual(expected);
});

test('an eta, of which 1 is the most, is not searched above', () => {
  const { spec } = drafted({ 'train.py': 'p.add_argument("--eta", type=float, default=0.3)\n' }, 'train.py');
  expect(spec.search.space['eta']).toMatchObject({ min: 0.03, max: 1 });
});

test('docopt: what its help says', () => {
  const { spec, command, text } = drafted({
    'train.py': `"""Train a net.

Usage:
  train.py fit <corpus> [--lr=<lr>] [options]
  train.py predict <model>
  train.py (-h | --help)

Options:
  --lr=<lr>               Learning rate [default: 0.01].
  -u N, --hidden-units N  Width [default: 64].
  --epochs=<n>            Epochs [default: 5].
  --optimizer=<name>      How [default: adam].
  -v --verbose            Say more.
"""
from docopt import docopt
args = docopt(__doc__)
`,
  });
  expect(spec.search.space).toEqual({
    lr: { min: 0.001, max: 0.1, scale: 'log', type: 'float' },
    'hidden-units': [32, 64, 128],
  });
  expect([command, spec.training.epochs]).toEqual(['python3 train.py fit --epochs={EPOCHS} {args}', 5]);
  expect(text).toContain('TO DO: CORPUS (train.py:3) has no default; add ... to the command.');
  expect(text).toContain('lr: { min: 0.001, max: 0.1, scale: log } # train.py:9, default 0.01');
});

test('what Keras prints of held-out data while it trains comes before the test at the end', () => {
  const program = (fit: string) =>
    `import keras\nmodel.compile(metrics=["accuracy"])\nmodel.fit(x, y, validation_split=0.1${fit})\nprint("Test accuracy:", score)\n`;
  const metricOf = (fit: string) => drafted({ 'train.py': program(fit) }, 'train.py').spec.objective.metric;
  expect(metricOf('')).toBe('val_accuracy');
  expect(metricOf(', verbose=0')).toBe('test_accuracy');
});

test('arguments of which there may be none are not asked for', () => {
  const { text } = drafted({
    'train.py': `${ARGPARSE}parser.add_argument("opts", nargs=argparse.REMAINDER)\nparser.add_argument("more", nargs="*")\n`,
  });
  expect(text).not.toContain('TO DO');
});

test('a script of constants is told how to read each, and keeps them as defaults', () => {
  const { spec, text, command } = drafted({
    'notebook.py':
      'get_ipython().run_line_magic("matplotlib", "inline")\nlearning_rate = 1e-3\nBATCH = 64\nBATCH_SIZE = 64\nN_EPOCHS = 5\nmodel.fit(x, y)\n',
  });
  expect(Object.keys(spec.search.space)).toEqual(['learning_rate', 'batch', 'batch_size']);
  expect([command, spec.training.epochs]).toEqual(['python3 notebook.py', 5]);
  const words = text.replaceAll('\n# ', ' ');
  expect(words).toContain('learning_rate = float(os.environ.get("LEARNING_RATE", 0.001)) (notebook.py:2)');
  expect(words).toContain('BATCH_SIZE = int(os.environ.get("BATCH_SIZE", 64)) (notebook.py:4)');
  expect(words).toContain('N_EPOCHS = int(os.environ.get("EPOCHS", 5)) (notebook.py:5)');
  expect(words).toContain('get_ipython()');
});

/** What a draft says is left to do, on one line. */
const toDoOf = (script: string) => drafted({ 'train.py': script }, 'train.py').text.replaceAll('\n# ', ' ');

test.each([
  ['config = {"lr": 2e-5, "note": "x"}\nmodel.fit()\n', '"lr": float(os.environ.get("LR", 0.00002)) (train.py:1)'],
  [
    'def main():\n    hps = 1\n    params = dict(lr=0.1)\n    model.fit()\n',
    'lr=float(os.environ.get("LR", 0.1)) (train.py:3)',
  ],
  ['opt = optim.SGD(net.parameters(), lr=0.1)\n', 'lr=float(os.environ.get("LR", 0.1)) (train.py:1)'],
  [
    'a = TrainingArguments("out", num_train_epochs=2, learning_rate=2e-5)\n',
    'num_train_epochs=int(os.environ.get("EPOCHS", 2)) (train.py:1)',
  ],
  ['p = {"x": 1}\nparams = {"eta": 1}\nxgb.train(params, d)\n', '"eta": float(os.environ.get("ETA", 1)) (train.py:2)'],
])('what a dictionary or a call sets is a constant, too: %j', (script, expected) => {
  expect(toDoOf(script)).toContain(expected);
});

test('what a call is given by a name is read where the name is set', () => {
  const said = toDoOf('LR = 0.1\nopt = SGD(net, lr=LR)\nfor epoch in range(3): loss.backward()\n');
  expect(said).toContain('os: LR = float(os.environ.get("LR", 0.1)) (train.py:1). Until');
});

test('calls that do not train set nothing to search', () => {
  expect(toDoOf('net = BatchNorm2d(8, momentum=0.1)\nloss.backward()\nprint("loss", a)\n')).not.toContain('MOMENTUM');
});

test('of arguments among which is nothing to search, those that a trial sets stay beside the constants', () => {
  const { command, spec, text } = drafted({
    'train.py': `import argparse
p.add_argument("--epochs", type=int, default=3)
p.add_argument("--tag", required=True)
config = {"lr": 0.1}
model.fit()
`,
  });
  expect([command, Object.keys(spec.search.space)]).toEqual(['python3 train.py --epochs={EPOCHS}', ['lr']]);
  expect(text).toContain('--tag (train.py:3) has no default; add --tag=... to the command.');
});

test('arguments that a script counts itself keep their places, up to the last that is needed', () => {
  const { spec, command, text } = drafted(
    {
      'learn.py': `import sys
epochs = int(sys.argv[1])
name = sys.argv[2]
mode = sys.argv[3] if len(sys.argv) > 3 else "fast"
lr = float(sys.argv[4])
tag = sys.argv[5] if len(sys.argv) > 5 else "x"
`,
    },
    'learn.py',
  );
  expect(Object.keys(spec.search.space)).toEqual(['lr']);
  expect(command).toBe('python3 learn.py {EPOCHS} ... fast {lr}');
  expect(text).toContain('NAME (learn.py:3) has no default; put it in the place of ... in the command.');
});

describe('a program that reads its settings from a file', () => {
  const CONFIG = `# all of it
model: { name: net, width: 64 }
train:
  epochs: 7
  lr: 0.001  # the rate
  betas: [0.9, 0.99]
  run: "{date}"
seed: 1
`;
  const program = (argument: string) =>
    `import argparse, yaml\np = argparse.ArgumentParser()\np.add_argument("--config"${argument})\ncfg = yaml.safe_load(open(p.parse_args().config))\nmodel.fit()\n`;

  test('gets the file with the values of the trial in their places, all else as it was', () => {
    const { spec, command } = drafted({ 'train.py': program(', default="./conf.yaml"'), 'conf.yaml': CONFIG });
    expect(spec.search.space).toEqual({ 'train.lr': { min: 0.0001, max: 0.01, scale: 'log', type: 'float' } });
    expect([command, spec.training.epochs]).toEqual(['python3 train.py', 7]);
    expect(spec.training.files).toEqual({
      'conf.yaml': CONFIG.replace('epochs: 7', 'epochs: {EPOCHS}')
        .replace('0.001 ', '{train.lr} ')
        .replace('{date}', '{{date}}')
        .replace('seed: 1', 'seed: {SEED}'),
    });
  });

  test('in JSON gets each value in the place of its own', () => {
    const config = '{\n  "epochs": 7,\n  "optimizer": {\n    "name": "adam",\n    "lr": 0.001\n  }\n}\n';
    const { spec } = drafted({ 'train.py': program(', default="conf.json"'), 'conf.json': config });
    expect(spec.training.files).toEqual({
      'conf.json': config.replace('7', '{EPOCHS}').replace('0.001', '{optimizer.lr}'),
    });
  });

  test('in TOML gets each value in the table of its own', () => {
    const config = '[other]\nlr = 5\n[train]\nepochs = 7\nlr = 0.001 # the rate\n[train.model]\nwidth = 64\n';
    const { spec } = drafted({ 'train.py': program(', default="conf.toml"'), 'conf.toml': config });
    expect(spec.training.files).toEqual({
      'conf.toml': config
        .replace('lr = 5', 'lr = {other.lr}')
        .replace('7', '{EPOCHS}')
        .replace('0.001', '{train.lr}')
        .replace('64', '{train.model.width}'),
    });
  });

  test('is told the file of settings where other files hold none', () => {
    const files = { 'train.py': program(', required=True'), 'conf.yaml': CONFIG, 'package.json': '{"name": "x"}' };
    expect(drafted(files).command).toBe('python3 train.py --config=conf.yaml');
  });

  test('is told the file where it needs one and there is one', () => {
    const { command } = drafted({ 'train.py': program(', required=True'), 'conf.yaml': CONFIG });
    expect(command).toBe('python3 train.py --config=conf.yaml');
  });

  test('is left alone where several may be meant', () => {
    const { spec } = drafted({ 'train.py': program(', required=True'), 'a.yaml': CONFIG, 'b.yaml': CONFIG });
    expect(spec.training.files).toBeUndefined();
  });
});

const WITH_EPOCHS = 'for epoch in range(5):\n    print(f"val_acc: {acc:.3f}")\n';

/** Each kind of program: its files, the space, the command, and what else is to be there. */
const KINDS: Readonly<
  Record<string, { files: Record<string, string>; space: unknown; command: string; also?: object }>
> = {
  'click, with a group': {
    files: {
      'main.py': `import click
@click.group()
def cli(): pass
@cli.command()
@click.option("--lr", default=0.01, show_default=True)
@click.option("--act", type=click.Choice(["relu", "gelu"]), default="relu")
@click.option("--augment/--no-augment", default=False)
@click.option("--n-epochs", type=int, default=3)
def train(lr, act, augment, n_epochs): click.echo("val loss = %.4f" % loss)
@cli.command()
def predict(): pass
if __name__ == "__main__":
    cli()
`,
    },
    space: { lr: { min: 0.001, max: 0.1, scale: 'log', type: 'float' }, act: ['relu', 'gelu'], augment: [true, false] },
    command: 'python3 main.py train --n-epochs={EPOCHS} {args_flags}',
    also: {
      objective: { metric: 'val_loss', pattern: 'val loss = {number}', goal: 'minimize' },
      training: { epochs: 3 },
    },
  },
  typer: {
    files: {
      'run.py': `import typer
from typing import Annotated
def main(lr: float = 0.001, hidden_size: Annotated[int, typer.Option(help="x")] = 128, nesterov: bool = False, out_dir: str = "models"):
    print("accuracy:", score)
if __name__ == "__main__":
    typer.run(main)
`,
    },
    space: {
      lr: { min: 0.0001, max: 0.01, scale: 'log', type: 'float' },
      'hidden-size': [64, 128, 256],
      nesterov: [true, false],
    },
    command: 'python3 run.py --out-dir={MODEL_DIR} {args_flags}',
    also: { objective: { pattern: 'accuracy: {number}' } },
  },
  fire: {
    files: {
      'train.py': `import fire
def train(lr=1e-3, num_layers: int = 4, use_bias=True, seed=0):
    ...
def helper(): pass
${WITH_EPOCHS}
if __name__ == "__main__":
    fire.Fire(train)
`,
    },
    space: {
      lr: { min: 0.0001, max: 0.01, scale: 'log', type: 'float' },
      num_layers: { min: 3, max: 6, scale: 'linear', type: 'integer' },
      use_bias: [true, false],
    },
    command: 'python3 train.py --seed={SEED} {args_python}',
    also: { training: { epochs: 5 } },
  },
  'absl with a file of ml_collections': {
    files: {
      'main.py': `from ml_collections import config_flags
flags.DEFINE_string("workdir", None, "where")
config_flags.DEFINE_config_file("config", None, "settings")
flags.mark_flags_as_required(["config", "workdir"])
import train
app.run(main)
`,
      'train.py': 'def train():\n    print("loss", loss)\n',
      'configs/default.py': `import ml_collections
def get_config():
  config = ml_collections.ConfigDict()
  config.learning_rate = 0.1
  config.model = ml_collections.ConfigDict(dict(width=64))
  config.num_epochs = 10
  return config
`,
      'configs/small.py': 'def get_config():\n  return default.get_config()\n',
    },
    space: {
      'config.learning_rate': { min: 0.01, max: 1, scale: 'log', type: 'float' },
      'config.model.width': [32, 64, 128],
    },
    command:
      'python3 main.py --config=configs/default.py --config.num_epochs={EPOCHS} --workdir={MODEL_DIR} {args_python}',
  },
  absl: {
    files: {
      'train.py': `from absl import app, flags
FLAGS = flags.FLAGS
flags.DEFINE_float("learning_rate", 0.1, "rate")
flags.DEFINE_integer('batch_size', 128, 'size')
flags.DEFINE_enum("optimizer", "adam", ["adam", "sgd"], "which")
flags.DEFINE_integer("num_epochs", 10, "epochs")
app.run(main)
`,
    },
    space: {
      learning_rate: { min: 0.01, max: 1, scale: 'log', type: 'float' },
      batch_size: [64, 128, 256],
      optimizer: ['adam', 'sgd'],
    },
    command: 'python3 train.py --num_epochs={EPOCHS} {args_python}',
    also: { objective: { metric: 'val_accuracy' } },
  },
  'Hydra, with groups': {
    files: {
      'train.py': `import hydra
@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(cfg):
    Path("results.json").write_text(json.dumps({"eval": {"loss": loss}}))
if __name__ == "__main__":
    main()
`,
      'conf/config.yaml': 'defaults:\n  - optimizer: adam\n  - _self_\ntrainer:\n  max_epochs: 7 # how many\nseed: 3\n',
      'conf/optimizer/adam.yaml': 'lr: 1.0e-3\nweight_decay: 0.0\n',
      'conf/optimizer/sgd.yaml': 'lr: 0.1\n',
    },
    space: {
      optimizer: ['adam', 'sgd'],
      'optimizer.lr': { min: 0.0001, max: 0.01, scale: 'log', type: 'float' },
      'optimizer.weight_decay': { min: 1e-6, max: 0.01, scale: 'log', type: 'float' },
    },
    command: 'python3 train.py trainer.max_epochs={EPOCHS} seed={SEED} {args_no_hyphens}',
    also: { objective: { metric: 'eval/loss', file: 'results.json' }, training: { epochs: 7 } },
  },
  LightningCLI: {
    files: {
      'main.py': `from lightning.pytorch.cli import LightningCLI
from models import Net
if __name__ == "__main__":
    LightningCLI(Net)
`,
      'models.py': `class Net(L.LightningModule):
    def __init__(self, learning_rate: float = 1e-3, hidden_dim: int = 64):
        super().__init__()
    def validation_step(self, batch, i):
        self.log("val_acc", acc, prog_bar=True)
`,
    },
    space: {
      'model.learning_rate': { min: 0.0001, max: 0.01, scale: 'log', type: 'float' },
      'model.hidden_dim': [32, 64, 128],
    },
    command:
      'python3 main.py fit --trainer.logger=lightning.pytorch.loggers.CSVLogger --trainer.logger.save_dir=. --trainer.max_epochs={EPOCHS} --seed_everything={SEED} {args}',
    also: { objective: { metric: 'val_acc', file: 'lightning_logs/**/metrics.csv' } },
  },
  HfArgumentParser: {
    files: {
      'run_glue.py': `from transformers import HfArgumentParser, TrainingArguments, Trainer
@dataclass
class ModelArguments:
    model_name_or_path: str = field(metadata={"help": "a model"})
    dropout: float = field(default=0.1, metadata={"help": "x"})
def main():
    parser = HfArgumentParser((ModelArguments, TrainingArguments))
    def compute_metrics(p):
        return {"accuracy": 1}
    trainer = Trainer(model, compute_metrics=compute_metrics)
if __name__ == "__main__":
    main()
`,
    },
    space: {
      dropout: { min: 0, max: 0.5, scale: 'linear', type: 'float' },
      learning_rate: { min: 5e-6, max: 5e-4, scale: 'log', type: 'float' },
      per_device_train_batch_size: [4, 8, 16],
      weight_decay: { min: 1e-6, max: 0.01, scale: 'log', type: 'float' },
      warmup_ratio: { min: 0, max: 0.2, scale: 'linear', type: 'float' },
    },
    command: 'python3 run_glue.py --num_train_epochs={EPOCHS} --output_dir={CHECKPOINT_DIR} --seed={SEED} {args}',
    also: { objective: { metric: 'eval_accuracy', file: '**/trainer_state.json' } },
  },
  tyro: {
    files: {
      'train.py': `import tyro
from dataclasses import dataclass, field
from typing import Literal
@dataclass
class Optim:
    learning_rate: float = 3e-4
@dataclass(frozen=True)
class Args:
    optim: Optim = field(default_factory=Optim)
    activation: Literal["relu", "tanh"] = "relu"
    anneal_lr: bool = True
    use_ema: bool = True
    epochs: int = 2
args = tyro.cli(Args)
`,
    },
    space: {
      'optim.learning-rate': { min: 3e-5, max: 0.003, scale: 'log', type: 'float' },
      activation: ['relu', 'tanh'],
      'use-ema': [true, false],
    },
    command: 'python3 train.py --epochs={EPOCHS} {args_flags}',
  },
  'simple-parsing': {
    files: {
      'train.py': `from simple_parsing import ArgumentParser
@dataclass
class Options:
    lr: float = 0.01
    amp: bool = False
parser = ArgumentParser()
parser.add_arguments(Options, dest="options")
${WITH_EPOCHS}`,
    },
    space: { lr: { min: 0.001, max: 0.1, scale: 'log', type: 'float' }, amp: [true, false] },
    command: 'python3 train.py {args}',
  },
  variables: {
    files: {
      'train.py': `import os
LEARNING_RATE = float(os.environ["LEARNING_RATE"])
batch = int(os.getenv("BATCH_SIZE", "32"))
epochs = int(os.environ.get("NUM_EPOCHS", 4))
home = os.environ["HOME"]
rank = int(os.environ.get("RANK", 0))
for epoch in range(epochs):
    with open(os.environ["METRICS_FILE"], "a") as file:
        file.write(json.dumps({"epoch": epoch, "val_loss": loss}) + "\\n")
`,
    },
    space: { learning_rate: { min: 0.0001, max: 0.1, scale: 'log', type: 'float' }, batch_size: [16, 32, 64] },
    command: 'python3 train.py',
    also: {
      objective: { metric: 'val_loss' },
      training: { epochs: 4, environment: { NUM_EPOCHS: '{EPOCHS}' } },
    },
  },
  'W&B': {
    files: {
      'train.py': `import wandb
defaults = dict(lr=0.01, batch_size=32, epochs=6)
run = wandb.init(project="p", config=defaults)
config = wandb.config
for epoch in range(config.epochs):
    wandb.log({"val_acc": acc, "loss": loss})
`,
    },
    space: { lr: { min: 0.001, max: 0.1, scale: 'log', type: 'float' }, batch_size: [16, 32, 64] },
    command: 'python3 train.py',
    also: {
      objective: { metric: 'val_acc', pattern: 'wandb: +val_acc +{number}' },
      training: {
        environment: { WANDB_SWEEP_PARAM_PATH: 'sweep-parameters.yaml' },
        files: {
          'sweep-parameters.yaml': {
            lr: { value: '{lr}' },
            batch_size: { value: '{batch_size}' },
            epochs: { value: '{EPOCHS}' },
          },
        },
      },
    },
  },
  Optuna: {
    files: {
      'tune.py': `import optuna
def objective(trial):
    lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
    layers = trial.suggest_int("n_layers", 1, 4)
    name = trial.suggest_categorical("optimizer", ["Adam", "SGD"])
    print(f"accuracy = {acc}")
    return acc
study = optuna.create_study(direction="maximize")
`,
    },
    space: {
      lr: { min: 1e-5, max: 0.1, scale: 'log', type: 'float' },
      n_layers: { min: 1, max: 4, scale: 'linear', type: 'integer' },
      optimizer: ['Adam', 'SGD'],
    },
    command: 'python3 tune.py',
    also: { objective: { metric: 'accuracy', pattern: 'accuracy = {number}' } },
  },
  SageMaker: {
    files: {
      'train.py': `import argparse, os
if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--epochs", type=int, default=10)
    p.add_argument("--learning-rate", type=float, default=0.01)
    p.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
    p.add_argument("--train", default=os.environ.get("SM_CHANNEL_TRAINING"))
    print(f"validation:loss={loss:.6f};")
`,
      'data/a.csv': '',
    },
    space: { 'learning-rate': { min: 0.001, max: 0.1, scale: 'log', type: 'float' } },
    command: 'python3 train.py --epochs={EPOCHS} {args}',
    also: {
      objective: { pattern: 'validation:loss={number}' },
      training: { data: './data', environment: { SM_MODEL_DIR: '{MODEL_DIR}', SM_CHANNEL_TRAINING: '{DATA_DIR}' } },
    },
  },
  nanoGPT: {
    files: {
      'train.py': `out_dir = 'out'
learning_rate = 6e-4 # max learning rate
n_layer = 12
dropout = 0.0
bias = False
device = 'cuda'
exec(open('configurator.py').read()) # overrides from command line
later = 5
while True:
    print(f"step {iter_num}: train loss {losses['train']:.4f}, val loss {losses['val']:.4f}")
`,
    },
    space: {
      learning_rate: { min: 6e-5, max: 0.006, scale: 'log', type: 'float' },
      n_layer: { min: 11, max: 14, scale: 'linear', type: 'integer' },
      dropout: { min: 0, max: 0.5, scale: 'linear', type: 'float' },
      bias: [true, false],
    },
    command: 'python3 train.py --out_dir={MODEL_DIR} {args_python}',
    also: { objective: { metric: 'val_loss', pattern: 'val loss {number}', goal: 'minimize' } },
  },
  'Keras, in variables': {
    files: {
      'train.py': `import os, keras
units = int(os.environ.get("UNITS", 16))
model.compile(optimizer="adam", loss="mse", metrics=["accuracy"])
model.fit(x, y, validation_split=0.1, epochs=int(os.environ["EPOCHS"]))
`,
    },
    space: { units: [8, 16, 32] },
    command: 'python3 train.py',
    also: { objective: { metric: 'val_accuracy', pattern: 'val_accuracy: {number}' } },
  },
  'short options and a package': {
    files: {
      'pkg/__init__.py': '',
      'pkg/train.py': `import argparse
from .options import add
add(parser)
parser.add_argument("-lr", type=float, default=0.1)
print("Val Acc %5.2f%%" % acc)
print("Acc %5.2f" % acc)
if __name__ == "__main__":
    pass
`,
      'pkg/options.py': 'def add(parser):\n    parser.add_argument("--bs", type=int, default=8)\n',
    },
    space: { lr: { min: 0.01, max: 1, scale: 'log', type: 'float' }, bs: [4, 8, 16] },
    command: 'python3 -m pkg.train -lr={lr} --bs={bs}',
    also: { objective: { metric: 'val_acc', pattern: 'Val Acc *{number}' } },
  },
};

describe('a program of each kind gets a spec that plan takes', () => {
  test.each(Object.entries(KINDS))('%s', (_, { files, space, command, also = {} }) => {
    const found = drafted(files);
    expect(found.spec.search.space).toEqual(space);
    expect(found.command).toBe(command);
    expect(found.spec).toMatchObject(also);
  });
});

/** The pattern for the likeliest metric among these prints, and the metric's name. */
const patternOf = (prints: string): unknown => {
  const script = `parser.add_argument("--lr", type=float, default=0.1)\n${prints}`;
  const { metric, pattern, file } = drafted({ 'train.py': script }).spec.objective;
  return [metric, pattern ?? file];
};

test.each([
  [
    'a summary that is printed after steps with the same words',
    `print('Epoch: [{0}][{1}/{2}]\\tPrec@1 {a:.3f} ({b:.3f})'.format(e, i, n, a=a, b=b))
print('Test: [{0}/{1}]\\tLoss {a:.3f}\\tPrec@1 {b:.3f}'.format(i, n, a=a, b=b))
print(' * Prec@1 {top1.avg:.3f} Prec@5 {top5.avg:.3f}'.format(top1=top1, top5=top5))\n`,
    ['acc1', ' \\* Prec@1 {number}'],
  ],
  [
    'columns of a table',
    `print('| epoch {:3d} | {:5d}/{:5d} batches | loss {:5.2f} | ppl {:8.2f}'.format(e, b, n, l, p))
print('| end of epoch {:3d} | time: {:5.2f}s | valid loss {:5.2f} | valid ppl {:8.2f}'.format(e, t, l, p))\n`,
    ['valid_loss', 'valid loss *{number}'],
  ],
  [
    'what an agent earns',
    'print(f"global_step={step}, episodic_return={r}")\n',
    ['episodic_return', 'episodic_return={number}'],
  ],
  [
    'a name that ends another one',
    'print(f"val loss: {a}")\nprint(f"loss: {b}")\n',
    ['val_loss', 'val loss: {number}'],
  ],
  ['the only loss', 'print("Epoch", epoch, "loss", loss.item())\n', ['loss', 'loss {number}']],
  ['a name with its value', 'print(f"{epoch=} {val_acc=:.2f}")\n', ['val_acc', 'val_acc={number}']],
  [
    "what transformers' Trainer prints",
    `from transformers import Trainer
metric = evaluate.load("accuracy")
def compute(p):
    return metric.compute(predictions=p)
trainer = Trainer(model=model, compute_metrics=compute)\n`,
    ['eval_accuracy', "'eval_accuracy': '?{number}"],
  ],
  [
    'the table of Stable Baselines',
    'from stable_baselines3 import PPO\nmodel = PPO("MlpPolicy", env, verbose=1)\n',
    ['mean_reward', 'ep_rew_mean *\\| *{number}'],
  ],
  ['a scalar for TensorBoard', 'writer.add_scalar("val/acc", acc, epoch)\n', ['val/acc', '**/events.out.tfevents.*']],
])('the metric is read from %s', (_, prints, expected) => {
  expect(patternOf(prints)).toEqual(expected);
});

test('of several scripts the likeliest is taken, the others are named, and --from decides', () => {
  const files = { 'train.py': ARGPARSE, 'finetune.py': ARGPARSE, 'eval.py': ARGPARSE, 'tests/train.py': ARGPARSE };
  const found = drafted(files);
  expect(found.script).toBe('train.py');
  expect(found.text).toMatch(
    /Other scripts that may train: finetune\.py, eval\.py\. To use one: sweep init --from finetune\.py/,
  );
  expect(drafted(files, 'eval.py').command).toMatch(/^python3 eval\.py /);
});

test('what needs a value, and a truth that no argument can switch off, are said and not searched', () => {
  const script = `import argparse
p.add_argument("data", metavar="DIR")
p.add_argument("--lr", type=float, default=0.1)
p.add_argument("--use-ema", type=bool, default=True)
p.add_argument("--arch", required=True)
p.add_argument("--nesterov", action="store_true")
p.add_argument("--augment", action=argparse.BooleanOptionalAction, default=True)
`;
  const { text, spec } = drafted({ 'train.py': `${script}for epoch in range(3): pass\n` });
  expect(Object.keys(spec.search.space)).toEqual(['lr', 'nesterov']);
  expect(text.replaceAll('\n  # ', ' ')).toMatch(/--augment, which is on unless the command has its --no- form/);
  expect(text).toMatch(/TO DO: DATA \(train\.py:2\) needs a folder: set training\.data to it, and add \{DATA_DIR\} to/);
  expect(text.replaceAll('\n# ', ' ')).toMatch(
    /TO DO: --arch \(train\.py:5\) has no default; add --arch=\.\.\. to the command/,
  );
  expect(text.replaceAll('\n  # ', ' ')).toMatch(/--use-ema, which has type=bool, which turns any text into True/);
});

test('without a script, the spec is a general start', () => {
  const draft = draftSpec(folderOf({ 'notes.txt': '' }), null, '# schema\nname: x\n', 'search: {}\n');
  expect(draft).toEqual({ text: '# schema\nname: x\nsearch: {}\n', script: null });
});

test('a script of whose settings nothing is known is run by its spec, which says what is left to do', () => {
  const { text, spec } = drafted({ 'train.py': 'for epoch in range(3):\n    print("val loss", loss)\n' });
  expect(text.replaceAll('\n# ', ' ')).toMatch(/TO DO: init could not see how train\.py takes its settings/);
  expect(spec.training).toMatchObject({ command: ['python3', 'train.py', '{args}'], source: '.', epochs: 3 });
  expect(spec.objective).toMatchObject({ goal: 'minimize' });
});

test('a script whose settings are no known hyperparameters keeps its command, and its spec names them', () => {
  const { text, spec } = drafted({ 'train.py': 'import argparse\np.add_argument("--alpha-star", type=float)\n' });
  expect(text.replaceAll('\n# ', ' ')).toMatch(
    /TO DO: init recognised none of its settings .* \(it has --alpha-star\)/,
  );
  expect(spec.training).toMatchObject({ command: ['python3', 'train.py', '{args}'] });
});

test('where no goal is known, the spec says so', () => {
  const { text, spec } = drafted({ 'train.py': 'for epoch in range(3):\n    print("val", a)\n' });
  expect(spec.objective).toMatchObject({ metric: 'val', goal: 'maximize' });
  expect(text).toContain('# TO DO: init cannot tell; minimize, if less of it is better');
});

const WRAPPED = 'import argparse\np.add_argument("--lr", type=float, default=0.1)\nprint("val loss", loss)\n';

test('a shell script that hands its arguments on takes those of the program that it starts', () => {
  const { command, spec } = drafted(
    { 'run.sh': 'python -u train.py \\\n  --wd 1 "$@"\n', 'train.py': WRAPPED },
    'run.sh',
  );
  expect([command, Object.keys(spec.search.space)]).toEqual(['bash run.sh {args}', ['lr']]);
  expect(spec.objective).toMatchObject({ pattern: 'val loss {number}' });
});

test('a shell script with arguments of its own names the program that it starts', () => {
  const files = { 'go/run.sh': 'HIDDEN=${1:-64}\npython train.py\n', 'go/train.py': WRAPPED };
  const { command, text } = drafted(files, 'go/run.sh');
  expect(command).toBe('bash go/run.sh {hidden}');
  expect(text).toContain(
    'It starts go/train.py, whose own settings init can read as well: sweep init --from go/train.py',
  );
});

test('without a program of Python, a script of another language is taken', () => {
  const files = { 'R/util.R': 'f <- 1\n', 'train.R': 'lr <- as.numeric(Sys.getenv("LR", 0.1))\ncat("val loss", x)\n' };
  const { script, command } = drafted(files);
  expect([script, command]).toEqual(['train.R', 'Rscript train.R']);
  expect(drafted({ ...files, 'train.py': WRAPPED }).script).toBe('train.py');
});

test('what a shell script reads at a place and what it reads from a variable are told apart', () => {
  const script = 'SEED_=${1}\nlr=${lr:-0.1}\nepochs=${epochs:-3}\n';
  const { command, spec } = drafted({ 'run.sh': script }, 'run.sh');
  expect(command).toBe('bash run.sh {SEED}');
  expect(spec.training.environment).toEqual({ lr: '{lr}', epochs: '{EPOCHS}' });
});

test.each([
  ['data/words/prepare.py', true],
  ['scripts/download_data.sh', true],
  ['make_dataset.py', true],
  ['download.py', true],
  ['make_plots.py', false],
  ['generate.py', false],
])('a script that makes the data is named before the first sweep: %s', (file, isNamed) => {
  const { text } = drafted({ 'train.py': WRAPPED, [file]: '' }, 'train.py');
  expect(text.replaceAll('\n# ', ' ').includes(`run what makes the data, if it was not run yet: ${file}.`)).toBe(
    isNamed,
  );
});

test('a program that prepares its data itself is not told to run that first', () => {
  const { text } = drafted({ 'train.py': `import prepare\n${WRAPPED}`, 'prepare.py': '' }, 'train.py');
  expect(text).not.toContain('makes the data');
});

test('a file of settings that absl needs and that is not there is asked for', () => {
  const script = 'config_flags.DEFINE_config_file("config")\nprint("loss", loss)\n';
  expect(drafted({ 'train.py': script }, 'train.py').text.replaceAll('\n# ', ' ')).toContain(
    '--config (train.py:1) needs a file; add --config=... to the command.',
  );
});

test('what a program imports is no other script that may train', () => {
  const files = { 'main.py': `import train\n${WRAPPED}`, 'train.py': 'def train():\n    loss.backward()\n' };
  expect(drafted(files, null).text).not.toContain('Other scripts');
});

test.each([
  ['train.report({"loss": a, "accuracy": b})', 'accuracy'],
  ['tune.report(val_loss=a)', 'val_loss'],
  ['mlflow.log_metric("rmse", a)', 'rmse'],
])('a metric that only another tool is told of is yet to be printed: %s', (line, metric) => {
  const { text, spec } = drafted({ 'train.py': `for epoch in range(3):\n    ${line}\n` }, 'train.py');
  expect(spec.objective).toMatchObject({ metric, pattern: `${metric}: {number}` });
  expect(text).toContain('# TO DO: make the program print it so, a line each time');
});

test('what is printed comes before what another tool is told', () => {
  const { spec } = drafted({ 'train.py': 'mlflow.log_metric("val_acc", a)\nprint("loss", b)\n' }, 'train.py');
  expect(spec.objective).toMatchObject({ pattern: 'loss {number}' });
});

test("pydantic's settings are variables, those with a prefix under their own names", () => {
  const script = (config: string) => `from pydantic_settings import BaseSettings
class Settings(BaseSettings):
    ${config}
    lr: float = 0.01
    epochs: int = 4
print("loss", loss)
`;
  const plain = drafted({ 'train.py': script('pass') }, 'train.py').spec;
  expect([Object.keys(plain.search.space), plain.training.epochs, plain.training.environment]).toEqual([['lr'], 4, {}]);
  const prefixed = drafted(
    { 'train.py': script('model_config = SettingsConfigDict(env_prefix="MY_")') },
    'train.py',
  ).spec;
  expect(prefixed.training.environment).toEqual({ MY_LR: '{lr}', MY_EPOCHS: '{EPOCHS}' });
});

test('a rate whose default is a text is a number', () => {
  const { spec } = drafted({ 'train.py': 'p.add_argument("--lr", default="0.25", type=eval_str_list)\n' }, 'train.py');
  expect(spec.search.space).toEqual({ lr: { min: 0.025, max: 2.5, scale: 'log', type: 'float' } });
});

test('what the runner tells every program itself is not set again', () => {
  const { spec } = drafted({
    'train.sh': 'LR=${LR:-0.1}\nSEED=${SEED:-1}\nDATA_DIR=${DATA_DIR:-data}\necho "loss: $l"\n',
  });
  expect(spec.training.environment).toEqual({});
});
