import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { badInput } from '../../core/base/errors.ts';
import { show } from '../../core/base/text.ts';
import { rememberFiles } from '../../inputs/written.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { downloadFolder } from '../../storage/folders.ts';
import { walkFolder } from '../../storage/walk.ts';
import { type FoundSweep, findSweep, type Where } from '../lookup/find.ts';
import { attemptOf, findTrial, type NamedTrial } from '../lookup/trials.ts';
import type { Output } from '../terminal/output.ts';

export interface ModelOptions extends Where {
  readonly to: string;
  /** What the trial wrote beside its code, in place of its model. */
  readonly outputs?: boolean | undefined;
}

/** Copies a trial's model, or its outputs, into a folder. @throws BadInput where there is none, or the folder is not empty */
export async function model(id: string, trialName: string, options: ModelOptions, output: Output): Promise<void> {
  const { to, outputs = false, ...where } = options;
  const sweep = await findSweep(id, where);
  const trial = await findTrial(sweep, trialName);
  const folder = resolve(to);
  if ((await readdir(folder).catch(() => [])).length > 0)
    throw badInput('--to', `received ${show(to)}, which is not empty; allowed: a new or empty folder`);
  if (outputs) return outputsTo(folder, sweep, trial, output);
  const prefix = await modelOf(sweep, trial);
  const moved = prefix === null ? 0 : (await downloadFolder(sweep.store, prefix, folder)).files;
  if (moved === 0) {
    throw badInput(
      '',
      `trial ${trial.trial} (${trial.id}) has no model: it wrote none to MODEL_DIR, or keep.models dropped it; sweep model ${id} best copies the best trial's`,
    );
  }
  const { files } = await walkFolder(folder, { within: null });
  await rememberFiles(
    sweep.workdir,
    files.map(({ path }) => join(folder, path)),
  );
  output.document({ sweepId: sweep.sweepId, trialId: trial.id, model: folder });
  output.text(folder);
}

/** The prefix of a trial's model; null where it has none. @throws CorruptObject where the model is damaged */
export async function modelOf(sweep: FoundSweep, trial: NamedTrial): Promise<string | null> {
  const { definition, models, results } = sweepObjects(sweep.store, sweep.sweepId);
  const attempt = await attemptOf(sweep, trial);
  if (attempt === null) return null;
  const name = { trialId: trial.id, epochs: trial.epochs };
  const spec = await definition.spec();
  const prefix = await models.locate(spec?.name ?? null, trial.id, trial.epochs, attempt);
  const damage = prefix === null ? null : await models.damage(name, prefix, (await results.readable(name))?.model);
  if (damage !== null) throw damage;
  return prefix;
}

async function outputsTo(folder: string, sweep: FoundSweep, named: NamedTrial, output: Output): Promise<void> {
  const { id, trial } = named;
  const attempt = await attemptOf(sweep, named);
  const { attempts } = sweepObjects(sweep.store, sweep.sweepId);
  const moved = attempt === null ? 0 : (await attempts.ofTrial(id, attempt).downloadOutputs(folder)).files;
  if (moved === 0)
    throw badInput(
      '',
      `trial ${trial} (${id}) has no outputs: what a program writes beside its code is kept where training.outputs names it, as in outputs: [runs, '*.csv']; sweep try lists what is written`,
    );
  output.document({ sweepId: sweep.sweepId, trialId: id, outputs: folder });
  output.text(folder);
}
