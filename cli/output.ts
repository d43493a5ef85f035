import { BadInput, formatProblem, SweepstackError } from '../core/errors.ts';

/** Where a command's words go: progress and complaints to stderr, its answer to stdout. Injected, so tests read it. */
export interface Output {
  readonly json: boolean;
  /** The answer as a person reads it; left out with --json. */
  text(text: string): void;
  /** The answer as one JSON document; only with --json. */
  document(value: unknown): void;
  /** Progress and complaints. */
  note(line: string): void;
}

export function outputTo(stdout: NodeJS.WritableStream, stderr: NodeJS.WritableStream, json: boolean): Output {
  return {
    json,
    text: (text) => {
      if (!json) stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    },
    document: (value) => {
      if (json) stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    note: (line) => void stderr.write(`${line}\n`),
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

export const EXIT = { done: 0, failed: 1, badInput: 2, interrupted: 130 } as const;

/** Tells what went wrong; the exit status. What a person can mend comes without a stack, our own faults with one. */
export function complain(error: unknown, output: Output): number {
  if (error instanceof BadInput) {
    const count = error.problems.length;
    output.note(
      count === 1
        ? 'The input cannot be used; nothing was changed.'
        : `The input cannot be used, for ${count} reasons; nothing was changed.`,
    );
    for (const problem of error.problems) output.note(`  ${formatProblem(problem).replaceAll('\n', '\n  ')}`);
    output.document({ error: { name: error.name, message: error.message, problems: error.problems } });
    return EXIT.badInput;
  }
  const known =
    error instanceof SweepstackError ||
    (error instanceof Error && ['PlanTooLarge', 'SweepLocked'].includes(error.name));
  const name = error instanceof Error ? error.name : 'Error';
  const message = error instanceof Error ? error.message : String(error);
  if (known) output.note(`${message}`);
  else
    output.note(
      `A fault of sweep itself, not of your input. Please report it with these lines:\n${error instanceof Error ? error.stack : message}`,
    );
  output.document({ error: { name, message } });
  return ['PlanTooLarge', 'SweepLocked'].includes(name) ? EXIT.badInput : EXIT.failed;
}
