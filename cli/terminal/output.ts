import { BadInput, formatProblem } from '../../core/base/errors.ts';
import { blameOf, refusal, reportFault } from './fault.ts';
import { fitted } from './wrap.ts';

/** Where a command's words go: progress and complaints to stderr, its answer to stdout. Injected, so tests read it. */
export interface Output {
  readonly json: boolean;
  /** The answer as a person reads it, folded to a terminal's width; left out with --json. */
  text(text: string): void;
  /** As `text`, but no line is touched: what a program printed, or what is to be copied. */
  verbatim(text: string): void;
  /** The answer as one JSON document; only with --json. */
  document(value: unknown): void;
  /** Progress and complaints. */
  note(line: string): void;
  /** Shows on a terminal, as they are, the bytes that a program prints there; null: nobody looks. */
  readonly asPrinted: ((chunk: Buffer) => void) | null;
  /** While `work` lasts, notes go to `show`: a picture that is redrawn in place must not be torn. */
  showing<T>(show: (line: string) => void, work: () => Promise<T>): Promise<T>;
}

export function outputTo(stdout: NodeJS.WritableStream, stderr: NodeJS.WritableStream, json: boolean): Output {
  const toStderr = (line: string) => void stderr.write(`${fitted(line, stderr)}\n`);
  const answer = (text: string) => {
    if (!json) stdout.write(text.endsWith('\n') ? text : `${text}\n`);
  };
  let show: (line: string) => void = toStderr;
  return {
    json,
    text: (text) => answer(fitted(text, stdout)),
    verbatim: answer,
    document: (value) => {
      if (json) stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    note: (line) => show(line),
    asPrinted: 'isTTY' in stderr && stderr.isTTY === true ? (chunk) => void stderr.write(chunk) : null,
    showing: async (other, work) => {
      show = other;
      try {
        return await work();
      } finally {
        show = toStderr;
      }
    },
  };
}

/** An error that a handler raised, back as what it was: an execution ends with a name and a sentence. */
export function failureOf({ error, cause }: { readonly error: string; readonly cause: string }): Error {
  if (error !== 'BadInput') return Object.assign(new Error(cause), { name: error });
  return new BadInput(
    cause.split('\n').map((line) => {
      const [, field = '', message = line] = /^([\w.[\]-]+): (.*)$/.exec(line) ?? [];
      return { field, message };
    }),
  );
}

/** fault: EX_SOFTWARE of sysexits.h. */
export const EXIT = { done: 0, failed: 1, badInput: 2, fault: 70, interrupted: 130 } as const;

/**
 * Tells what went wrong; the exit status. What a person or a service did comes as a sentence that says what to do; a fault
 * of this program is short, and what its menders need goes into a file (with DEBUG set, to the terminal too).
 */
export function complain(error: unknown, output: Output, argv: readonly string[] = []): number {
  if (error instanceof BadInput) return refuse(error, output);
  const name = error instanceof Error ? error.name : 'Error';
  const message = error instanceof Error ? error.message : String(error);
  const blame = blameOf(error);
  if (blame !== 'fault') {
    const shown = (error instanceof Error ? refusal(error) : null) ?? message;
    output.note(shown === '' ? name : shown);
    output.document({ error: { name, message: shown } });
    return blame === 'input' ? EXIT.badInput : EXIT.failed;
  }
  const { file, text } = reportFault(error, argv, new Date());
  output.note(`This is a bug in sweep, not in your input: ${name}: ${message.split('\n')[0]}`);
  if (file !== null) output.note(`  please report it, with ${file} (version, command, stack trace)`);
  if (file === null || process.env['DEBUG']) output.note(text);
  output.document({ error: { name, message, fault: true, report: file } });
  return EXIT.fault;
}

function refuse({ name, message, problems }: BadInput, output: Output): number {
  const count = problems.length;
  output.note(
    count === 1
      ? 'The input is not valid; nothing was changed.'
      : `The input is not valid, for ${count} reasons; nothing was changed.`,
  );
  for (const problem of problems) output.note(`  ${formatProblem(problem).replaceAll('\n', '\n  ')}`);
  output.document({ error: { name, message, problems } });
  return EXIT.badInput;
}
