import { printedPattern } from '../spec/printed-pattern.ts';
import { numberGroup } from './common.ts';
import type { Draft } from './draft.ts';
import type { Entry, Fields, Written } from './foreign.ts';
import { explicitWords, type ForeignParameter, keepsName, literal } from './names.ts';
import { withGroups } from './pattern-groups.ts';

const COMMAND = ['training', 'command'];

/** The training job of a tuning job: what it runs, on which data, where, and how its metrics are read. */
export function sageMakerTraining(
  draft: Draft,
  job: Fields | undefined,
  parameters: readonly ForeignParameter[],
): void {
  command(draft, parameters);
  metrics(draft, job?.take('AlgorithmSpecification'));
  const channels = job?.take('InputDataConfig')?.list() ?? [];
  draft.set(['training', 'environment', 'SM_MODEL_DIR'], '{MODEL_DIR}', null);
  data(draft, channels);
  for (const variable of job?.take('Environment')?.map().rest() ?? [])
    draft.set(['training', 'environment', variable.key], literal(variable.string()), variable);
  machine(draft, job);
  const stopping = job?.take('StoppingCondition')?.map();
  const seconds = stopping?.take('MaxRuntimeInSeconds');
  if (seconds !== undefined) draft.set(['compute', 'timeoutMinutes'], minutes(seconds), seconds);
  const retries = job?.take('RetryStrategy')?.map().take('MaximumRetryAttempts');
  if (retries !== undefined) draft.set(['compute', 'attempts'], BigInt(Math.min(10, retries.whole() + 1)), retries);
  const checkpoints = job?.take('CheckpointConfig');
  if (checkpoints !== undefined)
    draft.drop(
      ['training'],
      [checkpoints],
      'put files that must survive an interruption in CHECKPOINT_DIR, as in links: { checkpoints: "{CHECKPOINT_DIR}/" }',
    );
  const role = job?.take('RoleArn');
  if (role !== undefined) draft.drop([], [role], 'has no counterpart: the deployment has its own role');
}

const minutes = (seconds: Entry): Written => {
  const value = seconds.whole() / 60;
  return Number.isInteger(value) ? BigInt(value) : value;
};

/** Scripts get `--name value` there; one word each reaches argparse as well, negative numbers included. */
function command(draft: Draft, parameters: readonly ForeignParameter[]): void {
  const args = parameters.every(keepsName) ? ['{args}'] : explicitWords(parameters, (name) => `--${name}=`);
  const known = draft.get(...COMMAND) as readonly string[] | undefined;
  draft.set(
    COMMAND,
    [...(known ?? ['python', 'train.py']), ...args],
    null,
    known === undefined ? 'a guess; write your own' : 'from sagemaker_program',
  );
  if (known === undefined)
    draft.remark(COMMAND, null, 'sagemaker_program', 'the file names no script; replace train.py with your program');
  draft.set(['training', 'source'], '.', null, 'the folder with your code');
}

function metrics(draft: Draft, entry: Entry | undefined): void {
  const fields = entry?.map();
  const objective = String(draft.get('objective', 'metric'));
  const definitions = fields?.take('MetricDefinitions');
  const patterns = (definitions?.list() ?? []).flatMap((item) => {
    const own = item.map();
    const name = own.need('Name').string();
    const regex = own.need('Regex');
    const made = withGroups(plain(regex.string()), [numberGroup(name, name === objective)]);
    const flaw = made === null ? 'has no group that captures a number' : flawOf(made, objective);
    if (flaw !== null) draft.drop(['objective'], [regex], flaw);
    return flaw === null ? [{ name, made: made! }] : [];
  });
  if (patterns.some(({ name }) => name === objective)) {
    const texts = patterns.map(({ made }) => made);
    draft.set(['objective', 'pattern'], texts.length === 1 ? texts[0]! : texts, definitions!);
  } else {
    draft.drop(['objective'], definitions === undefined ? [] : [definitions], `defines no ${objective}`);
    draft.remark(
      ['objective'],
      null,
      objective,
      'the file does not say how the metric is printed; set objective.pattern or objective.file',
    );
  }
  const image = fields?.take('TrainingImage') ?? fields?.take('AlgorithmName');
  if (image !== undefined)
    draft.drop(
      [],
      [image],
      `${image.string()}: list its packages in training.requirements, or deploy it as your own image`,
    );
  const mode = fields?.take('TrainingInputMode');
  if (mode !== undefined && mode.string() !== 'File')
    draft.drop(['training'], [mode], 'here data is always a folder of files');
  draft.drop(['objective'], fields?.rest() ?? []);
}

/** Logs of SageMaker show a tab as #011, and regular expressions were written for that. */
const plain = (regex: string): string => regex.replaceAll('#011', '\\t');

function flawOf(pattern: string, objective: string): string | null {
  const read = printedPattern(pattern, objective);
  return typeof read === 'string' ? read : null;
}

/** Channels of one bucket become folders of one data set. */
function data(draft: Draft, channels: readonly Entry[]): void {
  const found = channels.flatMap((channel) => {
    const own = channel.map();
    const name = own.need('ChannelName').string();
    const uri = own.take('DataSource')?.map().take('S3DataSource')?.map().take('S3Uri');
    if (uri === undefined) draft.drop(['training', 'data'], [channel], 'only data in S3 has a counterpart');
    return uri === undefined ? [] : [{ channel, name, uri: uri.string().replace(/\/+$/, '') }];
  });
  const [first] = found;
  if (first === undefined) return;
  const common = commonFolder(found.map(({ uri }) => uri));
  const root = common ?? first.uri;
  draft.set(['training', 'data'], root, first.channel);
  for (const { channel, name, uri } of found) {
    const variable = `SM_CHANNEL_${name.toUpperCase().replaceAll(/\W/g, '_')}`;
    if (uri === root || uri.startsWith(`${root}/`))
      draft.set(['training', 'environment', variable], `{DATA_DIR}${uri.slice(root.length)}`, channel);
    else
      draft.drop(['training', 'data'], [channel], 'is in another bucket; a sweep has one data set, so copy it there');
  }
}

/** The folder that all are in, or all are; null: they share no more than a bucket, or not even that. */
function commonFolder(uris: readonly string[]): string | null {
  const split = uris.map((uri) => uri.split('/'));
  let depth = 0;
  while (split[0]![depth] !== undefined && split.every((parts) => parts[depth] === split[0]![depth])) depth += 1;
  return depth >= 3 ? split[0]!.slice(0, depth).join('/') : null;
}

function machine(draft: Draft, job: Fields | undefined): void {
  const resource = job?.take('ResourceConfig') ?? job?.take('HyperParameterTuningResourceConfig');
  const fields = resource?.map();
  const type = fields?.take('InstanceType');
  const count = fields?.take('InstanceCount');
  if (type !== undefined) {
    if (!/^ml\.[gp][0-9]/.test(type.string())) draft.set(['compute', 'profile'], 'cpu', type, type.string());
    else draft.set(['compute', 'profile'], 'gpu', type, type.string());
    draft.drop(['compute'], [type], "the deployment's profile decides the instance");
  }
  if (count !== undefined && count.whole() > 1)
    draft.drop(['compute'], [count], 'a trial is one container on one host');
  draft.drop(['compute'], fields?.rest() ?? []);
  const spot = job?.take('EnableManagedSpotTraining');
  if (spot !== undefined) draft.drop(['compute'], [spot], "the deployment's profile decides about Spot");
}
