import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Place } from '../support/sweep-command.ts';

const WANDB = `program: train.sh
name: their sweep
method: grid
metric: { name: val_loss, goal: minimize }
parameters:
  lr: { values: [0.1, 0.25] }
  width: { value: 8 }
command: [sh, "\${program}", "\${args}"]
entity: somebody
`;
/** Prints what wandb prints at the end of a run. */
const PROGRAM = `for word in "$@"; do case $word in --lr=*) lr=\${word#--lr=} ;; --width=8) width=8 ;; *) exit 3 ;; esac; done
[ "$WANDB_ENTITY" = somebody ] && [ $width = 8 ] && echo "wandb: val_loss $lr"
`;

test('a W&B sweep is imported, named by init, never written over another spec, and runs', async () => {
  const place = new Place();
  onTestFinished(() => place.remove());
  place.write({ 'theirs.yaml': WANDB, 'train.sh': PROGRAM });
  const spec = join(place.project, 'sweep.yaml');
  const wrong = await place.sweep(['import', 'train.sh', '--to', 'sweep.yaml']);
  expect(wrong.status).toBe(2);
  expect(existsSync(spec)).toBe(false);

  const init = await place.sweep(['init']);
  expect(init.stderr).toContain(
    'theirs.yaml is a W&B sweep. To convert it to a spec: sweep import theirs.yaml --force',
  );
  const refused = await place.sweep(['import', 'theirs.yaml', '--to', 'sweep.yaml']);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain('--force');

  const made = await place.sweep(['import', 'theirs.yaml', '--force', '--json']);
  expect(made.status, made.stderr).toBe(0);
  expect(JSON.parse(made.stdout)).toMatchObject({ file: spec, format: 'wandb', remarks: [] });
  expect(readFileSync(spec, 'utf8')).toContain('lr: [0.1, 0.25] # line 6');
  const summary = await place.run();
  expect(summary).toMatchObject({
    status: 'succeeded',
    trials: { planned: 2, trained: 2 },
    best: { parameters: { lr: 0.1, width: 8 }, value: 0.1 },
  });
}, 60_000);
