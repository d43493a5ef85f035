import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MODEL_ARCHIVE, type RegisteredModel, registerCommands } from '../../core/aws/sagemaker.ts';
import { badInput } from '../../core/base/errors.ts';
import { originText, type Provenance } from '../../core/trial/provenance.ts';
import { rememberFiles } from '../../inputs/written.ts';
import { sweepObjects } from '../../objects/sweep-objects.ts';
import { archive } from '../../storage/archive.ts';
import { downloadFolder } from '../../storage/folders.ts';
import { inTemporary } from '../../storage/temporary.ts';
import { walkFolder } from '../../storage/walk.ts';
import { type Destination, destination } from '../lookup/destination.ts';
import type { FoundSweep, Where } from '../lookup/find.ts';
import { attemptOf, findTrial, type NamedTrial, sweepAndTrial } from '../lookup/trials.ts';
import type { Output } from '../terminal/output.ts';

export interface ModelOptions extends Where {
  /** A folder, or s3://bucket/prefix. */
  readonly to: string;
  /** What the trial wrote beside its code, in place of its model. */
  readonly outputs?: boolean | undefined;
  /** The model as one archive, with the commands that register it. */
  readonly sagemaker?: boolean | undefined;
}

/**
 * Copies a trial's model, or its outputs, into a folder or a bucket.
 * @throws BadInput where there is none, or the place is not empty
 */
export async function model(
  id: string | undefined,
  trialName: string | undefined,
  options: ModelOptions,
  output: Output,
): Promise<void> {
  const { to, outputs = false, sagemaker = false, ...where } = options;
  if (outputs && sagemaker) throw badInput('--sagemaker', 'received with --outputs; allowed: one of them');
  const { sweep, trial: named } = await sweepAndTrial(id, trialName, where, output.note);
  const trial = await findTrial(sweep, named ?? 'best');
  const target = await destination(to);
  if (outputs) return outputsTo(target, sweep, trial, output);
  await target.fill((folder) =>
    sagemaker
      ? inTemporary(async (files) => {
          await modelTo(files, sweep, trial);
          await pack(files, folder);
        })
      : modelTo(folder, sweep, trial),
  );
  if (target.isFolder) await rememberAll(sweep, target.address);
  const address = sagemaker ? `${target.address}/${MODEL_ARCHIVE}` : target.address;
  const register = sagemaker ? registerCommands(await registered(sweep, trial, target), address) : null;
  const { sweepId } = sweep;
  const provenance = await provenanceOf(sweep);
  output.document({
    ...{ sweepId, trialId: trial.id, model: address },
    ...(register === null ? {} : { register }),
    ...(provenance === null ? {} : { provenance }),
  });
  if (provenance !== null) output.note(`trained ${originText(provenance)}`);
  output.verbatim(address);
  if (register !== null) output.verbatim(`# IMAGE: the container image that serves the model\n${register}`);
}

/** What the sweep's models come from; null where it is not known. */
const provenanceOf = async ({ store, sweepId }: FoundSweep): Promise<Provenance | null> =>
  (
    await sweepObjects(store, sweepId)
      .outcome.metadata()
      .catch(() => null)
  )?.provenance ?? null;

/** @throws BadInput where the trial has no model */
async function modelTo(folder: string, sweep: FoundSweep, trial: NamedTrial): Promise<void> {
  const prefix = await modelOf(sweep, trial);
  const moved = prefix === null ? 0 : (await downloadFolder(sweep.store, prefix, folder)).files;
  if (moved > 0) return;
  throw badInput(
    '',
    `trial ${trial.trial} (${trial.id}) has no model: it wrote none to MODEL_DIR, or keep.models dropped it; sweep model ${sweep.sweepId} best copies the best trial's`,
  );
}

/** The files as one archive, at its top. */
async function pack(files: string, folder: string): Promise<void> {
  const names = (await walkFolder(files, { within: null })).files.map(({ path }) => path);
  await mkdir(folder, { recursive: true });
  await archive(join(folder, MODEL_ARCHIVE), files, names, { gzip: true });
}

/** What was put there is no code of the person's. */
async function rememberAll({ workdir }: FoundSweep, folder: string): Promise<void> {
  const { files } = await walkFolder(folder, { within: null });
  await rememberFiles(
    workdir,
    files.map(({ path }) => join(folder, path)),
  );
}

async function registered(
  { store, sweepId }: FoundSweep,
  { id, epochs }: NamedTrial,
  { address, isFolder }: Destination,
): Promise<RegisteredModel> {
  const { definition, results } = sweepObjects(store, sweepId);
  const [spec, result] = await Promise.all([definition.spec(), results.readable({ trialId: id, epochs })]);
  return {
    name: spec?.name ?? sweepId,
    sweepId,
    trialId: id,
    metric: spec?.objective.metric ?? '',
    value: result?.value ?? null,
    url: isFolder ? null : `${address}/${MODEL_ARCHIVE}`,
  };
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

async function outputsTo(target: Destination, sweep: FoundSweep, named: NamedTrial, output: Output): Promise<void> {
  const { id, trial } = named;
  const attempt = await attemptOf(sweep, named);
  const { attempts } = sweepObjects(sweep.store, sweep.sweepId);
  // Of attempts that were interrupted too, as if the program had gone on in one folder: the later one's files count.
  const interrupted = (await attempts.interruptedAttempts(id)).filter((name) => name !== attempt);
  await target.fill(async (folder) => {
    let moved = 0;
    for (const name of [...interrupted, ...(attempt === null ? [] : [attempt])])
      moved += (await attempts.ofTrial(id, name).downloadOutputs(folder)).files;
    if (moved > 0) return;
    throw badInput(
      '',
      `trial ${trial} (${id}) has no outputs: files that a program writes beside its code are kept only if training.outputs names them, as in outputs: [runs, '*.csv']; sweep try lists them`,
    );
  });
  output.document({ sweepId: sweep.sweepId, trialId: id, outputs: target.address });
  output.verbatim(target.address);
}
