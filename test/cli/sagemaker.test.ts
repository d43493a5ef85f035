import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Place } from '../support/sweep-command.ts';

test("a script written for SageMaker runs unchanged: its SM_* variables are filled by the spec's placeholders, and its model goes back", async () => {
  const place = new Place();
  try {
    cpSync(join(import.meta.dirname, '../../examples/sagemaker'), place.project, { recursive: true });
    const summary = await place.run();
    expect(summary).toMatchObject({ status: 'succeeded', trials: { trained: 4, failed: 0 } });
    const model = JSON.parse(readFileSync(join(summary.best!.model!, 'model.json'), 'utf8'));
    expect(model.hyperparameters).toEqual(summary.best!.parameters);
    const to = join(place.project, 'fetched');
    const { status, stderr } = await place.sweep(['model', summary.sweepId, '--outputs', '--to', to]);
    expect(status, stderr).toBe(0);
    expect(JSON.parse(readFileSync(join(to, 'output/history.json'), 'utf8'))).toHaveLength(10);
    // And its model goes back to SageMaker: the archive holds the files at its top, as containers expect them.
    const release = join(place.project, 'release');
    const packed = await place.sweep(['model', summary.sweepId, '--sagemaker', '--to', release]);
    expect(packed.stdout).toContain(`aws s3 cp ${release}/model.tar.gz s3://BUCKET/`);
    execFileSync('tar', ['-xzf', 'model.tar.gz'], { cwd: release });
    expect(JSON.parse(readFileSync(join(release, 'model.json'), 'utf8'))).toEqual(model);
  } finally {
    place.remove();
  }
});
