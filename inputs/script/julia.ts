import { optionOf } from './configuration.ts';
import { assignmentOf } from './module.ts';
import type { Interface, Option } from './option.ts';
import { constantsOf, inOrder, type OtherProgram, ofGiven, type Places, variableRead } from './other-program.ts';
import {
  type Call,
  callsIn,
  isString,
  literalOf,
  positionalOf,
  type Statement,
  statementsOf,
  type Token,
} from './python.ts';
import { merged, ofPercent, type Value } from './template.ts';

/** Scripts of Julia: ArgParse, ARGS and ENV, and what println says. */
export function readJulia(text: string, placeOf: Places): OtherProgram {
  const statements = statementsOf(text);
  const options = ofTable(statements, placeOf);
  const given = ofGiven([
    ...inOrder(statements.flatMap((each) => placed(each, placeOf))),
    ...statements.flatMap((each) => ofVariable(each, placeOf)),
  ]);
  return {
    interface:
      (options.length === 0
        ? null
        : ({ kind: 'ArgParse', form: 'args', words: [], options, notes: [] } satisfies Interface)) ??
      given.interface ??
      constantsOf(
        statements.flatMap((each) => constant(each, placeOf)),
        ({ variable, type }, value, read) =>
          `${variable} = parse(${type === 'integer' ? 'Int' : 'Float64'}, get(ENV, "${read}", "${value}"))`,
      ),
    prints: statements.flatMap(({ tokens }) =>
      callsIn(tokens).flatMap((call) =>
        /^(println|print|printf)$/.test(call.callee) ? [{ place: placeOf(call.line), template: partsOf(call) }] : [],
      ),
    ),
    epochsVariable: given.epochsVariable,
    started: null,
  };
}

const typeIn = (tokens: readonly Token[]): Option['type'] | null => {
  const names = tokens.map(({ text }) => text);
  if (names.some((name) => /^U?Int(32|64)?$/.test(name))) return 'integer';
  return names.some((name) => /^Float(32|64)$/.test(name)) ? 'float' : null;
};

/** `@add_arg_table! s begin "--lr"; arg_type = Float64; default = 0.01 end` */
function ofTable(statements: readonly Statement[], placeOf: Places): Option[] {
  const begin = statements.findIndex(({ tokens }) => tokens.some(({ text }) => /^add_arg_table/.test(text)));
  if (begin < 0) return [];
  const options: Option[] = [];
  for (const { tokens, line } of statements.slice(begin + 1)) {
    if (tokens[0]?.text === 'end') break;
    const last = options.at(-1);
    const names = tokens.filter(isString).map(({ text }) => text);
    if (isString(tokens[0])) {
      const long = names.find((name) => name.startsWith('--')) ?? names[0]!;
      const prefix = long.startsWith('--') ? '--' : long.startsWith('-') ? '-' : 'positional';
      options.push(optionOf(long.replace(/^-+/, ''), prefix, undefined, undefined, placeOf(line)));
    } else if (last !== undefined) options[options.length - 1] = { ...last, ...said(tokens) };
  }
  return options;
}

/** A line below an option. */
function said(tokens: readonly Token[]): Partial<Option> {
  const assigned = assignmentOf(tokens);
  if (assigned?.name === 'arg_type') return { type: typeIn(assigned.value) ?? 'text' };
  if (assigned?.name === 'default') return { fallback: literalOf(assigned.value) };
  if (assigned?.name === 'required') return { isRequired: assigned.value[0]?.text === 'true' };
  return assigned?.name === 'action' && /^store_/.test(assigned.value.at(-1)?.text ?? '')
    ? { type: 'flag', fallback: false }
    : {};
}

/** `lr = parse(Float64, ARGS[1])` */
function placed({ tokens, line }: Statement, placeOf: Places): Option[] {
  const assigned = assignmentOf(tokens);
  const at = tokens.findIndex(({ text }, index) => text === 'ARGS' && tokens[index + 1]?.text === '[');
  const position = Number(tokens[at + 2]?.text);
  if (assigned === null || at < 0 || !Number.isInteger(position) || position < 1) return [];
  const option = optionOf(assigned.name.toLowerCase(), 'positional', undefined, undefined, placeOf(line));
  return [{ ...option, type: typeIn(tokens) ?? 'text', position, isRequired: true }];
}

/** `lr = parse(Float64, get(ENV, "LR", "0.01"))` */
const ofVariable = ({ tokens, line }: Statement, placeOf: Places): Option[] =>
  callsIn(tokens).flatMap((call) => {
    const [from, name, fallback] = positionalOf(call);
    const variable = literalOf(name);
    if (call.callee !== 'get' || from?.[0]?.text !== 'ENV' || typeof variable !== 'string') return [];
    return [{ ...variableRead(variable, literalOf(fallback), placeOf(line)), type: typeIn(tokens) ?? 'text' }];
  });

function constant({ tokens, indent, line }: Statement, placeOf: Places): Option[] {
  const assigned = assignmentOf(tokens[0]?.text === 'const' ? tokens.slice(1) : tokens);
  const value = assigned === null || indent > 0 ? undefined : literalOf(assigned.value);
  if (assigned === null || typeof value !== 'number') return [];
  return [
    {
      ...optionOf(assigned.name.toLowerCase(), 'variable', value, assigned.value, placeOf(line)),
      variable: assigned.name,
    },
  ];
}

/** Julia puts what follows `$` into its texts; println writes nothing between its arguments. */
function partsOf(call: Call): (string | Value)[] {
  const args = positionalOf(call);
  const [format, ...values] = args;
  if (call.callee === 'printf' && format?.length === 1 && isString(format[0])) return ofPercent(format[0].text, values);
  const parts = args.flatMap((arg): (string | Value)[] =>
    arg.length === 1 && isString(arg[0]) ? interpolated(arg[0].text) : [{ isPadded: false, said: arg }],
  );
  return merged(parts).filter((part) => part !== '');
}

const interpolated = (text: string): (string | Value)[] =>
  text
    .split(/(\$\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|\$[A-Za-z_]\w*)/)
    .map((part, index) => (index % 2 === 0 ? part : { isPadded: false, said: statementsOf(part.slice(1))[0]?.tokens }));
