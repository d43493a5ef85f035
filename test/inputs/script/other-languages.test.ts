// biome-ignore-all lint/suspicious/noTemplateCurlyInString: shells read them

import { expect, test } from 'vitest';
import { readOther } from '../../../inputs/script/other-languages.ts';
import { metricsIn } from '../../../inputs/script/printed.ts';

/** What a script takes: the name, how it is given, and the default of each setting. */
const settings = (file: string, text: string) => {
  const { interface: face } = readOther(file, text);
  return {
    form: face?.form,
    options: face?.options.map(({ name, written, position, variable, type, fallback }) => [
      written ?? position ?? variable ?? `--${name}`,
      name,
      type,
      fallback,
    ]),
  };
};

const pattern = (file: string, text: string) => metricsIn(readOther(file, text).prints)[0]?.pattern ?? null;

test.each([
  [
    'LR=${1:-0.01}\nNAME="$2"\n',
    [
      [1, 'lr', 'float', 0.01],
      [2, 'name', 'unknown', undefined],
    ],
  ],
  [
    'LR=${LR:-0.01}\nN=${N:-8}\n',
    [
      ['LR', 'lr', 'float', 0.01],
      ['N', 'n', 'integer', 8],
    ],
  ],
  [': "${LR:=1e-3}"\n', [['LR', 'lr', 'float', 0.001]]],
])('a shell script is read for its places and variables: %j', (text, options) => {
  expect(settings('run.sh', text)).toEqual({ form: null, options });
});

test('variables in small letters are set by the name that the script reads', () => {
  expect(readOther('run.sh', 'lr=${lr:-0.01}\n').interface?.environment).toEqual({ lr: '{lr}' });
});

test('EPOCHS is the trial’s own, with what the script takes without it', () => {
  expect(readOther('run.sh', 'EPOCHS=${EPOCHS:-5}\n')).toMatchObject({
    interface: null,
    epochsVariable: { count: 5, place: 'run.sh:1' },
  });
});

test('what functions of a shell are given is no argument of the script', () => {
  expect(readOther('run.sh', 'train() {\n  lr=$1\n}\ntrain 0.1\n').interface).toBeNull();
});

test.each([
  ['--lr) lr="$2"; shift 2;;', 'args_spaced', '--lr'],
  ['-l | --lr)\n    lr=$2\n    shift;;', 'args_spaced', '--lr'],
  ['--lr=*) lr="${1#*=}";;', 'args', '--lr'],
  ['-lr) lr=$2;;', 'args_spaced', '-lr'],
])('options that a shell script tells apart itself: %j', (branch, form, given) => {
  const text = `lr=0.01\nwhile [ $# -gt 0 ]; do\n  case "$1" in\n  ${branch}\n  esac\ndone\n`;
  expect(settings('run.sh', text)).toEqual({ form, options: [[given, 'lr', 'float', 0.01]] });
});

test('options of getopts have the name of the variable that they set', () => {
  const text = 'lr=0.01\nwhile getopts "l:h" o; do\n  case $o in\n  l) lr=${OPTARG};;\n  h) exit;;\n  esac\ndone\n';
  expect(settings('run.sh', text)).toEqual({ form: 'args_spaced', options: [['-l', 'lr', 'float', 0.01]] });
});

test.each([
  ['run.sh', 'echo "Epoch $e val_loss: $(awk "x > y")"', 'val_loss: {number}'],
  ['run.sh', "printf 'epoch %d  val_acc %.4f\\n' $e $a", 'val_acc {number}'],
  ['run.sh', 'printf "epoch\\tval_loss=%f\\n" "$l"', 'val_loss={number}'],
  ['run.sh', 'for e in 1 2; do echo -e "val_loss\\t${l}" 2>&1 | tee log; done', 'val_loss\\t{number}'],
  ['run.sh', 'echo "val_loss: $l" >> log.txt', null],
  ['run.sh', '# echo "val_loss: $l"', null],
  ['train.R', 'cat("Epoch", e, "val loss:", l, "\\n")', 'val loss: {number}'],
  ['train.R', 'cat(sprintf("valid loss = %.4f\\n", l))', 'valid loss = {number}'],
  ['train.R', 'message("val_acc=", a)', 'val_acc={number}'],
  ['train.R', 'print(paste("val acc:", round(a, 2)))', 'val acc: {number}'],
  ['train.R', 'cat(paste0("val_acc=", a), sep = "\\n")', 'val_acc={number}'],
  ['train.jl', 'println("Epoch $epoch: val loss = $(round(l, digits=4))")', 'val loss = {number}'],
  ['train.jl', 'println("val acc ", a)', 'val acc {number}'],
  ['train.jl', '@printf("val_loss %8.4f\\n", l)', 'val_loss *{number}'],
])('what %s prints: %s', (file, line, expected) => {
  expect(pattern(file, `${line}\n`)).toBe(expected);
});

test.each([
  [
    'make_option(c("-l", "--lr"), type="double", default=0.01),\n  make_option("--n", type="integer", default=8L)',
    [
      ['--lr', 'lr', 'float', 0.01],
      ['--n', 'n', 'integer', 8],
    ],
  ],
  ['parser$add_argument("--lr", default = 1)', [['--lr', 'lr', 'float', 1]]],
  ['parser$add_argument("--bias", action = "store_true", default = FALSE)', [['--bias', 'bias', 'flag', false]]],
])('a script of R that parses its arguments: %s', (declared, options) => {
  expect(settings('train.R', `list(${declared})\n`)).toEqual({ form: 'args', options });
});

test('arguments and variables that a script of R reads itself', () => {
  const text =
    'args <- commandArgs(trailingOnly = TRUE)\nlr <- as.numeric(args[1])\nn = as.integer(Sys.getenv("N", "8"))\n';
  expect(settings('train.R', text)).toEqual({
    form: null,
    options: [
      [1, 'lr', 'float', undefined],
      ['N', 'n', 'integer', 8],
    ],
  });
});

test('a script of Julia with a table of arguments', () => {
  const text =
    '@add_arg_table! s begin\n  "--lr", "-l"\n    help = "rate"\n    arg_type = Float64\n    default = 3e-4\n  "--cuda"\n    action = :store_true\nend\nlr = 5\n';
  expect(settings('train.jl', text)).toEqual({
    form: 'args',
    options: [
      ['--lr', 'lr', 'float', 0.0003],
      ['--cuda', 'cuda', 'flag', false],
    ],
  });
});

test('arguments and variables that a script of Julia reads itself', () => {
  const text = 'lr = parse(Float64, ARGS[1])\nn = parse(Int, get(ENV, "N", "8"))\n';
  expect(settings('train.jl', text)).toEqual({
    form: null,
    options: [
      [1, 'lr', 'float', undefined],
      ['N', 'n', 'integer', 8],
    ],
  });
});

test.each([
  ['run.sh', 'lr=0.01\n', 'lr=${LR:-0.01} (run.sh:1)'],
  ['train.R', 'lr <- 0.01\n', 'lr <- as.numeric(Sys.getenv("LR", 0.01)) (train.R:1)'],
  ['train.R', 'batch_size <- 32L\n', 'batch_size <- as.integer(Sys.getenv("BATCH_SIZE", 32)) (train.R:1)'],
  ['train.jl', 'const lr = 0.01\n', 'lr = parse(Float64, get(ENV, "LR", "0.01")) (train.jl:1)'],
])('what %s sets itself is told how to be read: %s', (file, text, expected) => {
  expect(readOther(file, text).interface?.toDo?.[0]).toContain(expected);
});
