import { badInput } from '../base/errors.ts';
import type { Draft, Remark } from './draft.ts';
import { Entry, type ForeignDocument, isMap, type Written, type WrittenMap } from './foreign.ts';
import { IMPORT_FORMATS, type ImportFormat } from './formats.ts';
import { fromHydra } from './hydra.ts';
import { fromKatib } from './katib.ts';
import { fromSageMaker } from './sagemaker.ts';
import { specText } from './spec-text.ts';
import { fromWandb } from './wandb.ts';

/** A sweep of another tool as a spec of ours. Pure: a parsed document in, the text of a spec and remarks out. */

interface Format {
  /** As a person calls it. */
  readonly tool: string;
  readonly isOne: (document: WrittenMap) => boolean;
  readonly read: (root: Entry) => Draft;
}

const has = (document: WrittenMap, ...keys: string[]): boolean => keys.every((key) => Object.hasOwn(document, key));
const within = (document: WrittenMap, key: string): WrittenMap => {
  const value = document[key];
  return isMap(value) ? value : {};
};

const FORMATS: Readonly<Record<ImportFormat, Format>> = {
  wandb: { tool: 'a W&B sweep', isOne: (document) => has(document, 'method', 'parameters'), read: fromWandb },
  katib: {
    tool: 'a Katib experiment',
    isOne: ({ apiVersion, kind }) => kind === 'Experiment' && String(apiVersion).startsWith('kubeflow.org/'),
    read: fromKatib,
  },
  sagemaker: {
    tool: 'a SageMaker tuning job',
    isOne: (document) =>
      has(document, 'HyperParameterTuningJobConfig') || has(document, 'ParameterRanges', 'ResourceLimits'),
    read: fromSageMaker,
  },
  optuna: {
    tool: "a configuration of Hydra's sweeper",
    isOne: (document) =>
      has(within(document, 'hydra'), 'sweeper') ||
      String(document['_target_']).includes('hydra_optuna_sweeper') ||
      (has(document, 'n_trials') && (has(document, 'params') || has(document, 'search_space'))),
    read: fromHydra,
  },
};

/** The tool whose file this is, by its keys; null: none that is known. */
export function formatOf(value: Written): ImportFormat | null {
  return (isMap(value) ? IMPORT_FORMATS.find((format) => FORMATS[format].isOne(value)) : undefined) ?? null;
}

export const toolOf = (format: ImportFormat): string => FORMATS[format].tool;

export interface Imported {
  readonly format: ImportFormat;
  /** The spec as a file: YAML, with the line that each key came from. */
  readonly text: string;
  /** What has no counterpart, or another one. */
  readonly remarks: readonly Remark[];
  /** The line that a field of the spec came from; null: none. */
  readonly lineOf: (field: string) => number | null;
}

/**
 * @param file the name of the file, for messages and the comment at the top
 * @param asked the format; null: by the file's keys
 * @param schema the address of the JSON Schema, for editors
 * @throws BadInput where the file cannot be read as that format
 */
export function importSpec(
  documents: readonly ForeignDocument[],
  { file, asked, schema }: { readonly file: string; readonly asked: ImportFormat | null; readonly schema: string },
): Imported {
  const found = documents.flatMap((document) => {
    const format = asked ?? formatOf(document.value);
    return format === null || (documents.length > 1 && formatOf(document.value) !== format)
      ? []
      : [{ document, format }];
  });
  const [first] = found;
  if (first === undefined)
    throw badInput(
      '',
      `${file} is not one of: ${IMPORT_FORMATS.map((format) => `${FORMATS[format].tool} (${format})`).join(', ')}; name its format with --from`,
    );
  if (found.length > 1)
    throw badInput('', `${file} holds ${found.length} sweeps; allowed: one per file; split it at ---`);
  const root = new Entry(first.document);
  const draft = FORMATS[first.format].read(root);
  draft.drop([], root.leftOver());
  const head = [
    `yaml-language-server: $schema=${schema}`,
    `Made from ${file}, ${FORMATS[first.format].tool}. Comments at the end of a line say where a key came from.`,
    'Comments on their own line say what is different or has no counterpart.',
  ];
  return {
    format: first.format,
    text: specText(draft, head),
    remarks: draft.remarks,
    lineOf: (field) => {
      const isBelow = (place: string) =>
        field === place || field.startsWith(`${place}.`) || field.startsWith(`${place}[`);
      return draft.settings.find(({ place }) => isBelow(place.join('.')))?.line ?? null;
    },
  };
}
