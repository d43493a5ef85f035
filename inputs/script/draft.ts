import { firstOf } from '../../core/base/text.ts';
import { type Candidate, candidates } from './candidates.ts';
import { dataMakers } from './data-makers.ts';
import { partsOf, type SpecParts, shown } from './parts.ts';
import type { MetricFound } from './printed.ts';
import { goalFor } from './printed.ts';
import { type Program, type ProgramFolder, readProgram } from './program.ts';
import { yamlValue } from './roles.ts';

/** A spec that fits a program, as a person would have written it. */
export interface Draft {
  /** YAML. */
  readonly text: string;
  /** Null: the folder holds no script that init can read anything of. */
  readonly script: string | null;
}

/**
 * Writes a spec for the script of a folder that trains. What it says of the program comes with the line it was read from.
 * @param from the script; null: the one that looks most like it
 * @param start the first lines of the spec, up to its name
 * @param template the spec where nothing was found
 */
export function draftSpec(folder: ProgramFolder, from: string | null, start: string, template: string): Draft {
  const found = from === null ? candidates(folder) : [{ script: from, score: 0 }];
  const [first] = found;
  if (first === undefined) return { text: `${start}${template}`, script: null };
  const program = readProgram(folder, first.script);
  const parts = partsOf(program, folder);
  const makers = dataMakers(folder.files).filter(
    (file) => file !== program.script && !program.modules.some((module) => module.file === file),
  );
  const others = found.slice(1).filter(({ script }) => !program.modules.some((module) => module.file === script));
  const head = headOf(program, others, parts, makers);
  const [schema, ...rest] = start.split('\n');
  const begin = (sentences: readonly string[]) => `${schema}\n${comments(sentences)}${rest.join('\n')}`;
  const isKnown = parts.searched.length > 0;
  const lines = [
    ...(isKnown ? searchLines(parts) : EXAMPLE_SEARCH),
    ...objectiveLines(program),
    ...trainingLines(program, parts, folder),
    'tolerance: { failedTrials: 25% }',
  ];
  const sentences = isKnown ? head : [...head, nothingFound(program, parts)];
  return { text: `${begin(sentences)}${lines.join('\n')}\n`, script: first.script };
}

/** What stands where nothing was found to search; `nothingFound` says what to make of it. */
const EXAMPLE_SEARCH = [
  'search:',
  '  strategy: sobol # grid | random | sobol | bayesian | halving',
  '  trials: 16',
  '  space: # examples',
  '    learning_rate: { min: 0.0001, max: 0.1, scale: log }',
  '    batch_size: [32, 64, 128]',
];

const WIDTH = 118;

/** As comments of one sentence or more, wrapped. */
function comments(sentences: readonly string[], indent = ''): string {
  return sentences.map((sentence) => wrapped(sentence, indent)).join('');
}

function wrapped(text: string, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + 3 + line.length + word.length > WIDTH) {
      lines.push(line);
      line = '';
    }
    line += `${line === '' ? '' : ' '}${word}`;
  }
  return [...lines, line].map((each) => `${indent}# ${each}\n`).join('');
}

function headOf(
  program: Program,
  others: readonly Candidate[],
  { notes, toDo }: SpecParts,
  makers: readonly string[],
): string[] {
  const kind = program.interface?.kind;
  const how = kind === undefined ? '' : `, which takes its settings through ${kind}`;
  return [
    `For ${program.script}${how}. Comments name the lines that settings were read from. Check the ranges, then run sweep plan.`,
    ...(others.length === 0
      ? []
      : [
          `Other scripts that may train: ${firstOf(
            others.map(({ script }) => script),
            5,
          )}. To use one: sweep init --from ${others[0]!.script}`,
        ]),
    ...notes,
    ...(makers.length === 0
      ? []
      : [`Before the first sweep, run what makes the data, if it was not run yet: ${firstOf(makers, 3)}.`]),
    ...toDo.map((each) => `TO DO: ${each}`),
  ];
}

function nothingFound({ script, interface: face }: Program, { others }: SpecParts): string {
  const names = others.length === 0 ? '' : ` (it has ${firstOf(others.map(shown), 6)})`;
  return face === null
    ? `TO DO: init could not see how ${script} takes its settings. List them in search.space, and make the script read them from its arguments, such as --learning_rate=0.01, or from variables, such as LEARNING_RATE.`
    : `TO DO: init recognised none of its settings as a hyperparameter${names}. List those to search in search.space.`;
}

function searchLines({ searched }: SpecParts): string[] {
  const counts = searched.map(({ values }) => values.count);
  const points = counts.includes(null) ? null : counts.reduce<number>((product, count) => product * count!, 1);
  const isGrid = points !== null && points <= 32;
  const entries = searched.map(({ option, values }): Line => {
    const { fallback } = option;
    const known = fallback === undefined || option.type === 'flag' ? '' : `, default ${JSON.stringify(fallback)}`;
    const why = option.type === 'flag' ? ', a flag: on or off' : values.isGuess ? known || ', a typical range' : known;
    return { text: `    ${yamlKey(option.name)}: ${values.text}`, comment: `${option.place}${why}` };
  });
  return [
    'search:',
    ...(isGrid
      ? [`  strategy: grid # ${points} trials, every combination`]
      : ['  strategy: sobol # grid | random | sobol | bayesian | halving', '  trials: 16']),
    '  space:',
    ...aligned(entries),
  ];
}

interface Line {
  readonly text: string;
  readonly comment: string;
}

function aligned(lines: readonly Line[]): string[] {
  const width = Math.min(60, Math.max(...lines.map(({ text }) => text.length)));
  return lines.map(({ text, comment }) => (comment === '' ? text : `${text.padEnd(width)} # ${comment}`));
}

const yamlKey = (name: string): string =>
  /^(y|n|yes|no|on|off|true|false|null)$/i.test(name) ? JSON.stringify(name) : name;

const quoted = (text: string): string =>
  text.includes('\\') ? `'${text.replaceAll("'", "''")}'` : JSON.stringify(text);

function objectiveLines({ script, metrics }: Program): string[] {
  const [best, ...others] = metrics;
  if (best === undefined)
    return [
      comments([
        `init found no metric in ${script}. Make it print one, such as "val accuracy: 0.91", and read it with pattern: "val accuracy: {number}".`,
      ]).trimEnd(),
      'objective:',
      '  metric: val_accuracy',
      '  goal: maximize',
    ];
  const names = [...new Set(others.filter(({ metric }) => metric !== best.metric).map(named))];
  return [
    'objective:',
    ...aligned([
      {
        text: `  metric: ${yamlValue(best.metric)}`,
        comment: `${best.place}${best.isToPrint ? ' tells another tool of it' : SAID[best.source.kind]}`,
      },
      goalLine(best.metric),
      ...sourceLine(best),
    ]),
    ...(names.length === 0 ? [] : [comments([`Other metrics: ${firstOf(names, 4)}.`], '  ').trimEnd()]),
  ];
}

function goalLine(metric: string): Line {
  const goal = goalFor(metric);
  return goal === null
    ? { text: '  goal: maximize', comment: 'TO DO: init cannot tell; minimize, if less of it is better' }
    : { text: `  goal: ${goal}`, comment: 'guessed from its name' };
}

const SAID = { lines: ' writes it to METRICS_FILE', pattern: ' prints it', file: ' writes it' } as const;

const named = ({ metric, place }: MetricFound): string => `${metric} (${place})`;

function sourceLine({ source, alsoAt, isToPrint }: MetricFound): Line[] {
  if (source.kind === 'lines') return [];
  return [
    {
      text: source.kind === 'file' ? `  file: ${quoted(source.file)}` : `  pattern: ${quoted(source.pattern)}`,
      comment: isToPrint
        ? 'TO DO: make the program print it so, a line each time'
        : alsoAt === undefined
          ? ''
          : `TO DO: it reads ${alsoAt}, too; print what counts in words of its own`,
    },
  ];
}

function trainingLines(program: Program, parts: SpecParts, folder: ProgramFolder): string[] {
  const { command, fixed, data, epochs, environment, files, outputs, others } = parts;
  const reasons = fixed.map(({ option, value }) => `${shown(option)} is ${value} (${option.place})`);
  const requirements = ['uv.lock', 'requirements.txt'].find((name) => folder.files.has(name));
  const left = others.map(
    (option) => `${shown(option)}${option.flaw === undefined ? '' : `, which ${option.flaw}`} (${option.place})`,
  );
  return [
    'training:',
    ...(reasons.length === 0 ? [] : [comments([`${firstOf(reasons, 12)}.`], '  ').trimEnd()]),
    `  command: ${commandText(command)}`,
    '  source: .',
    ...(requirements === undefined
      ? []
      : [`  requirements: ${requirements} # installed once per machine; remove this line to use your own Python`]),
    ...(data === null ? [] : [`  data: ${yamlValue(`./${data.folder}`)} # ${data.place}`]),
    epochsLine(program, epochs),
    ...(environment.length === 0
      ? []
      : [
          '  environment:',
          ...aligned(
            environment.map(([name, value, place]) => ({ text: `    ${name}: ${quoted(value)}`, comment: place })),
          ),
        ]),
    ...filesLines(files),
    ...(outputs.length === 0 ? [] : [`  outputs: [${outputs.map(yamlValue).join(', ')}]`]),
    ...(left.length === 0 ? [] : [comments([`Left at their defaults: ${firstOf(left, 30)}.`], '  ').trimEnd()]),
  ];
}

function filesLines(files: SpecParts['files']): string[] {
  const entries = Object.entries(files);
  if (entries.length === 0) return [];
  return ['  files:', ...entries.flatMap(([name, content]) => fileLines(yamlValue(name), content))];
}

/** A text as it stands in the file, where YAML can take it so. */
function fileLines(name: string, content: unknown): string[] {
  if (typeof content !== 'string' || /^\s|[^\P{Cc}\n\t]/u.test(content))
    return [`    ${name}: ${JSON.stringify(content)}`];
  const lines = content.replace(/\n$/, '').split('\n');
  return [`    ${name}: |`, ...lines.map((line) => (line === '' ? '' : `      ${line}`))];
}

function epochsLine(program: Program, epochs: SpecParts['epochs']): string {
  if (epochs === null) return `  epochs: 1 # set it to the number that ${program.script} trains`;
  return epochs.isObeyed
    ? `  epochs: ${epochs.count} # ${epochs.place}`
    : `  epochs: ${epochs.count} # fixed by the loop at ${epochs.place}`;
}

/** As one text where no shell would read anything else into it. */
function commandText(words: readonly string[]): string {
  const isPlain = words.every((each) => /^[\w./:={}-]+$/.test(each)) && !words.some((each) => / #|: /.test(each));
  return isPlain ? words.join(' ') : `[${words.map((each) => JSON.stringify(each)).join(', ')}]`;
}
