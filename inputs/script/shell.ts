import type { Json } from '../../core/base/json.ts';
import { optionOf } from './configuration.ts';
import type { Interface, Option } from './option.ts';
import { constantsOf, inOrder, type OtherProgram, ofGiven, type Places } from './other-program.ts';
import { statementsOf } from './python.ts';
import { ofPercent, type Template, type Value } from './template.ts';

/** Scripts of a shell: what they are given as `$1`, as `--lr 0.1` or as variables, and the program that they start. */
export function readShell(text: string, placeOf: Places): OtherProgram {
  const lines = linesOf(text);
  const fallbacks = new Map<string, string>();
  for (const { name, literal } of lines.flatMap(assignmentIn))
    if (literal !== null && !fallbacks.has(name)) fallbacks.set(name, literal);
  const given = ofGiven([...inOrder(placesRead(lines, placeOf)), ...variablesRead(lines, placeOf)]);
  return {
    interface:
      optionsOfCases(lines, fallbacks, placeOf) ??
      given.interface ??
      constantsOf(
        lines.flatMap((line) =>
          assignmentIn(line).flatMap(({ name, literal }) =>
            literal === null ? [] : [settingOf(name, literal, placeOf(line.at))],
          ),
        ),
        ({ variable }, value, read) => `${variable}=\${${read}:-${value}}`,
      ),
    prints: lines.flatMap(({ text: line, at }) => {
      const template = printedBy(line);
      return template === null ? [] : [{ place: placeOf(at), template }];
    }),
    epochsVariable: given.epochsVariable,
    started: startedBy(lines),
  };
}

interface Line {
  readonly text: string;
  readonly at: number;
}

/** What a backslash continues is one line; without comments, and without functions, whose `$1` is another. */
function linesOf(text: string): Line[] {
  const joined: { text: string; at: number }[] = [];
  let isContinued = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const said = line.replace(/\\$/, '');
    if (isContinued) joined.at(-1)!.text += ` ${said.trim()}`;
    else joined.push({ text: said, at: index + 1 });
    isContinued = line.endsWith('\\');
  }
  let isInFunction = false;
  return joined.filter(({ text: line }) => {
    const begins = /^\s*(function\s+\w+|\w+\s*\(\))/.test(line);
    const isLeftOut = begins || isInFunction || /^\s*#/.test(line);
    isInFunction = begins ? !/\}\s*$/.test(line) : isInFunction && !/^\}/.test(line);
    return !isLeftOut;
  });
}

const ASSIGNMENT = /^\s*(?:(?:export|local|readonly|declare(?:\s+-\w+)?)\s+)?([A-Za-z_]\w*)=(.*)$/;

/** A variable that is set to a text of its own (`literal`), or to anything else. */
function assignmentIn({ text }: Line): { name: string; value: string; literal: string | null }[] {
  const [, name, value = ''] = ASSIGNMENT.exec(text) ?? [];
  if (name === undefined) return [];
  const literal = /^(?:"([^"$`]*)"|'([^']*)'|([^\s"'$`;#&|()]*))\s*(?:;.*|#.*)?$/.exec(value);
  return [{ name, value, literal: literal === null ? null : (literal[1] ?? literal[2] ?? literal[3] ?? '') }];
}

/** A setting that is known by the variable that holds it. */
function settingOf(variable: string, text: string | undefined, place: string, prefix: Option['prefix'] = 'variable') {
  const isNumber = text !== undefined && /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text);
  const value: Json | undefined = isNumber ? Number(text) : text === '' ? undefined : text;
  const option = optionOf(variable.toLowerCase(), prefix, value, undefined, place);
  return { ...option, ...(isNumber && /[.eE]/.test(text) ? { type: 'float' as const } : {}), variable };
}

/** `LR=${1:-0.01}`, `LR="$1"` */
const placesRead = (lines: readonly Line[], placeOf: Places): Option[] =>
  lines.flatMap((line) =>
    assignmentIn(line).flatMap(({ name, value }) => {
      const [, number, fallback, plain] = /^"?\$(?:\{(\d)(?::?-([^}]*))?\}|(\d))"?\s*(?:;.*|#.*)?$/.exec(value) ?? [];
      const position = Number(number ?? plain ?? 0);
      if (position === 0) return [];
      const option = settingOf(name, fallback?.replaceAll(/["']/g, ''), placeOf(line.at), 'positional');
      return [{ ...option, variable: null, position, isRequired: fallback === undefined }];
    }),
  );

/** `${LR:-0.01}` of a variable that the script does not set otherwise. */
function variablesRead(lines: readonly Line[], placeOf: Places): (Option & { readonly variable: string })[] {
  const found = new Map<string, Option & { readonly variable: string }>();
  for (const { text, at } of lines)
    for (const [, name, fallback] of text.matchAll(/\$\{([A-Za-z_]\w*):?[-=]([^{}]*)\}/g))
      if (!found.has(name!)) found.set(name!, settingOf(name!, fallback!.replaceAll(/["']/g, ''), placeOf(at)));
  return [...found.values()];
}

/** `--lr) lr="$2"; shift 2;;` and, of getopts, `l) lr=$OPTARG;;` */
function optionsOfCases(
  lines: readonly Line[],
  fallbacks: ReadonlyMap<string, string>,
  placeOf: Places,
): Interface | null {
  const hasLetters = lines.some(({ text }) => /\bgetopts\b/.test(text));
  let isSpaced = hasLetters;
  const options = lines.flatMap(({ text, at }, index): Option[] => {
    const branch = /^\s*(-[\w-]+(?:=\*)?(?:\s*\|\s*-[\w-]+(?:=\*)?)*|[A-Za-z])\s*\)(.*)$/.exec(text);
    if (branch === null || (!branch[1]!.startsWith('-') && !hasLetters)) return [];
    const after = lines.slice(index + 1, index + 6).map((line) => line.text);
    const end = [branch[2]!, ...after].findIndex((line) => line.includes(';;'));
    const body = [branch[2]!, ...after].slice(0, end + 1).join('\n');
    const set = /([A-Za-z_]\w*)="?\$(?:\{?2\b|\{?OPTARG\b|\{\w+#\*=\})/.exec(body)?.[1];
    if (set === undefined) return [];
    const names = branch[1]!.split('|').map((name) => name.trim().replace(/=\*$/, ''));
    const written = names.find((name) => name.startsWith('--')) ?? names[0]!;
    if (!branch[1]!.includes('=*')) isSpaced = true;
    const { variable: _, ...option } = settingOf(set, fallbacks.get(set), placeOf(at), '--');
    return written.startsWith('--')
      ? [{ ...option, variable: null, name: written.slice(2) }]
      : [{ ...option, variable: null, written: written.startsWith('-') ? written : `-${written}` }];
  });
  if (options.length === 0) return null;
  return { kind: 'its options', form: isSpaced ? 'args_spaced' : 'args', words: [], options, notes: [] };
}

/** The Python script that it starts, and whether that is given all of its own arguments. */
function startedBy(lines: readonly Line[]): OtherProgram['started'] {
  for (const { text } of lines) {
    const [, script, rest] = /\bpython[0-9.]*\s+(?:-u\s+)?([\w./-]+\.py)\b(.*)$/.exec(text) ?? [];
    if (script !== undefined) return { script: script.replace(/^\.\//, ''), isGivenAll: /"?\$[@*]"?/.test(rest!) };
  }
  return null;
}

/** What `echo` and `printf` say; null: the line says nothing, or into a file. */
function printedBy(line: string): Template | null {
  const [, command, rest] = /(?:^|[;&|]|\bdo|\bthen)\s*(echo(?:\s+-[enE]+)?|printf(?:\s+--)?)\s+(.*)$/.exec(line) ?? [];
  if (command === undefined) return null;
  const parts = partsOf(rest!)?.map((part) =>
    typeof part === 'string' && !/^echo(?!.*e)/.test(command)
      ? part.replaceAll('\\n', '\n').replaceAll('\\t', '\t')
      : part,
  );
  const [format] = parts ?? [];
  if (parts === undefined) return null;
  const isFormat = command.startsWith('printf') && typeof format === 'string' && /%[^%]/.test(format);
  return isFormat ? ofPercent(format.trimEnd(), []) : parts;
}

const PIECE =
  /'([^']*)'|\$\(\((?:[^()]|\([^()]*\))*\)\)|\$\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|`[^`]*`|\$\{[^}]*\}|\$\w+|\\(.)|"|([;|&>#])|[^$`"'\\;|&>#]+|./g;

/** Text and variables, up to the end of the command; null where it is written to a file. */
function partsOf(rest: string): (string | Value)[] | null {
  const parts: (string | Value)[] = [''];
  let isQuoted = false;
  for (const match of rest.matchAll(PIECE)) {
    const [piece, single, escaped, end] = match;
    if (end !== undefined && !isQuoted) {
      if (end === '>' && !/^>\s*&[12]/.test(rest.slice(match.index))) return null;
      break;
    }
    if (piece === '"') isQuoted = !isQuoted;
    else if (/^[$`]./.test(piece))
      parts.push({ isPadded: false, said: statementsOf(piece.replaceAll(/\W+/g, ' '))[0]?.tokens }, '');
    else
      parts[parts.length - 1] +=
        single !== undefined && !isQuoted ? single : escaped === undefined || /[nt]/.test(escaped) ? piece : escaped;
  }
  return parts.filter((part) => part !== '');
}
