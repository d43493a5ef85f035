import { existsSync, writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { badInput } from '../../core/base/errors.ts';
import { packageRoot } from '../../inputs/paths.ts';

/** Writes a spec to start from. An existing file is left alone. */
export function init(file: string): { readonly file: string } {
  const path = resolve(file);
  if (existsSync(path)) throw badInput('', `${path} already exists; name another file: sweep init other.yaml`);
  const name = basename(resolve(path, '..'))
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .slice(0, 40);
  writeFileSync(path, template(name || 'sweep', pathToFileURL(`${packageRoot}/sweep.schema.json`).href), {
    flag: 'wx',
  });
  return { file: path };
}

const template = (name: string, schema: string) => `# yaml-language-server: $schema=${schema}
name: ${name}
search:
  strategy: sobol                # grid | random | sobol | bayesian | halving
  trials: 16
  space:
    learning_rate: { min: 0.0001, max: 0.1, scale: log }
    batch_size: [32, 64, 128]
objective:
  metric: val_accuracy           # a key in the metrics lines
  goal: maximize
training:
  # The built-in trainer needs one folder of images per class.
  # For your own program, give its command; {args} becomes --learning_rate=0.01 --batch_size=64:
  #   command: [python, train.py, "{args}"]
  #   source: .
  data: ./data
  epochs: 10
tolerance: { failedTrials: 25% }
`;
