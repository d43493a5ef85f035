import { shellQuoted } from '../spec/shell-script.ts';

/** What SageMaker unpacks where a container serves a model. */
export const MODEL_ARCHIVE = 'model.tar.gz';

export interface RegisteredModel {
  /** The spec's name: versions of a sweep's model form one group. */
  readonly name: string;
  readonly sweepId: string;
  readonly trialId: string;
  readonly metric: string;
  /** Null: the trial has none. */
  readonly value: number | null;
  /** s3:// of the archive; null: it is on this machine, and a person copies it. */
  readonly url: string | null;
}

/** Stand for what only a person knows. */
const IMAGE = 'IMAGE';
const BUCKET = 's3://BUCKET';

/**
 * The AWS commands that register a model as a version of a group in SageMaker's model registry, as text for a shell. The image
 * is the one that is to serve it. Names and limits: botocore's model of CreateModelPackage.
 */
export function registerCommands(model: RegisteredModel, archive: string): string {
  const { name, sweepId, trialId, metric, value } = model;
  // A group's name neither begins nor ends with a hyphen.
  const group = name.replaceAll(/^-+|-+$/g, '') || 'sweep';
  const url = model.url ?? `${BUCKET}/${sweepId}/${MODEL_ARCHIVE}`;
  const specification = {
    Containers: [{ Image: IMAGE, ModelDataUrl: url }],
    SupportedContentTypes: ['application/json'],
    SupportedResponseMIMETypes: ['application/json'],
  };
  const properties = { sweepId, trialId, metric: allowed(metric), ...(value === null ? {} : { value: String(value) }) };
  const copy = model.url === null ? [`aws s3 cp ${shellQuoted(archive)} ${url}`] : [];
  return [
    ...copy,
    `aws sagemaker create-model-package-group --model-package-group-name ${group}`,
    [
      `aws sagemaker create-model-package --model-package-group-name ${group}`,
      `--model-approval-status PendingManualApproval`,
      `--customer-metadata-properties ${shellQuoted(JSON.stringify(properties))}`,
      `--inference-specification ${shellQuoted(JSON.stringify(specification))}`,
    ].join(' \\\n  '),
  ].join('\n');
}

/** A value of a property: letters, digits, spaces and some signs, at most 256. */
const allowed = (text: string): string => text.replaceAll(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, '_').slice(0, 256);
