import type { Json } from '../../core/base/json.ts';
import { jsonOfParameters, type ProgramText, programText } from '../../core/space/program-text.ts';
import type { Parameters } from '../../core/space/space.ts';
import { argsWords } from '../../core/spec/args.ts';
import { shellQuoted } from '../../core/spec/shell-script.ts';
import { copyButton, h } from '../dom.ts';
import type { Sweep, Trial } from '../sweep.ts';

/** A trial's active parameters, as the program gets them. */
export const parametersOf = ({ data }: Sweep, { index }: Trial): Parameters =>
  Object.fromEntries(
    data.parameters.flatMap(({ name, choices, values }): [string, Json][] => {
      const value = values[index];
      return value == null ? [] : [[name, choices === null ? value : choices[value]!]];
    }),
  );

/** Buttons that copy a trial's parameters: as JSON, as YAML, as arguments. Floats stay floats in each. */
export function copies(sweep: Sweep, trial: Trial): HTMLElement {
  const parameters = parametersOf(sweep, trial);
  const write = programText(sweep.data.spec.search.space);
  return h(
    'p',
    { class: 'copies' },
    h('span', { class: 'soft' }, 'Copy them as'),
    copyButton('JSON', jsonOfParameters(write, parameters)),
    copyButton('YAML', yamlOf(write, parameters)),
    copyButton('arguments', argsWords('args', parameters, write, '').map(shellQuoted).join(' ')),
  );
}

/** A value as JSON is one as YAML. */
const yamlOf = (write: ProgramText, parameters: Parameters): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}: ${write.json(name, value)}\n`)
    .join('');
