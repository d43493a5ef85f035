import { relative } from 'node:path';
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { IMPORT_FORMATS, type ImportFormat } from '../core/import/formats.ts';
import { EXPORT_FORMATS } from '../core/sweep/export.ts';
import { packageVersion } from '../inputs/paths.ts';
import { anyContent, rememberWritten } from '../inputs/written.ts';
import { askMfaCodesBy } from '../storage/aws-client.ts';
import { completionText, SHELLS, type Shell } from './commands/completion.ts';
import type { InitOptions } from './commands/init.ts';
import type { RunOptions } from './commands/run.ts';
import type { StartOptions } from './commands/start.ts';
import type { TryOptions } from './commands/try.ts';
import type { WatchRequest } from './commands/watch.ts';
import { commandMeant, examplesText } from './examples.ts';
import { interruptible, LEAVING } from './interrupt.ts';
import { askForMfaCode } from './terminal/agreed.ts';
import { complain, EXIT, type Output, outputTo } from './terminal/output.ts';
import { redirectedOutputs } from './terminal/redirected.ts';
import { fitted } from './terminal/wrap.ts';

/** Runs the command line; the exit status. Modules of a command are loaded when it is the one that was asked for. */
export async function sweep(argv: readonly string[]): Promise<number> {
  // `sweep report | head`: who closes the pipe has seen enough, which ends neither a sweep nor this command.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  // Known before the command line is parsed, so that a mistake in it is reported as JSON as well.
  const output = outputTo(process.stdout, process.stderr, argv.includes('--json'));
  let status: number = EXIT.done;
  const leave = (error: unknown) => process.exit(complain(error, output, argv));
  process.on('uncaughtException', leave);
  // Asked for by the first call of AWS, if at all; with --json too, because the question goes to stderr.
  askMfaCodesBy(askForMfaCode);
  await rememberRedirected();
  const finish = (code: number) => {
    status = code;
  };
  const program = commands(output, finish, commandMeant(argv));
  try {
    await program.parseAsync([...argv], { from: 'user' });
    await rememberRedirected();
    return status;
  } catch (error) {
    if (!(error instanceof CommanderError)) return complain(error, output, argv);
    if (error.exitCode === 0) return EXIT.done;
    const { message } = error;
    output.document({ error: { name: 'BadInput', message, problems: [{ field: '', message }] } });
    return EXIT.badInput;
  }
}

/**
 * A file that output goes to may lie among a person's code, and would make another experiment of it. Looked for at the start,
 * because a run may be killed, and at the end, by when `tee` has surely opened its file.
 */
const rememberRedirected = () => rememberWritten(null, redirectedOutputs().map(anyContent));

/**
 * The command line; `finish` gets the exit status of a command that has one of its own. `hint`: what is said of a first word
 * that is no command, in place of a similar word.
 */
export function commands(output: Output, finish: (status: number) => void, hint: string | null = null): Command {
  const program = new Command('sweep')
    .description('Train one model many ways and keep the best: hyperparameter sweeps on AWS Batch or on this machine.')
    .exitOverride()
    // Beside the names of commands a terminal of 60 columns leaves fewer than the 40 at which commander stops to wrap.
    .configureHelp({
      minWidthToWrap: 20,
      // Every command has options; said of each, they take the room of what it does.
      subcommandTerm: (command) => `${command.name()} ${command.usage().replace('[options]', '').trim()}`.trimEnd(),
    })
    .showSuggestionAfterError(hint === null)
    .showHelpAfterError(`${hint === null ? '' : `${hint}\n`}(run sweep --help for the commands and options)`)
    .configureOutput({ writeErr: (text) => process.stderr.write(fitted(text, process.stderr)) })
    .version(packageVersion(), '-V, --version')
    .addHelpText(
      'after',
      () =>
        `\n${fitted('Exit status: 0 success; 1 the sweep failed, or the machine, the store or AWS reported an error; 2 bad input; 70 a bug in sweep; 130 interrupted or paused.', process.stdout)}`,
    );
  const command = (signature: string, description: string) =>
    program
      .command(signature)
      .description(description)
      .option('--json', 'print a single JSON document to stdout, and nothing else')
      .exitOverride();
  const lookup = (signature: string, description: string) =>
    command(signature, description)
      .option('--workdir <dir>', 'the workdir of the sweep (default: .sweepstack here, then those of earlier runs)')
      .option('--local', 'look only on this machine')
      .option('--aws', 'look only on AWS')
      .option('--stack <name>', 'the stack to look in on AWS (default: Sweepstack)');

  command('init [file]', 'write a spec for the training script in this folder')
    .option('--from <script>', 'the training script (default: the one that looks most like it)')
    .action(async (file: string | undefined, options: InitOptions) => {
      const { generalStart, init } = await import('./commands/init.ts');
      const { shellQuoted } = await import('../core/spec/shell-script.ts');
      const made = init(file ?? 'sweep.yaml', options);
      output.document(made);
      const hint = (await import('./commands/import.ts')).importHint(made.file);
      if (hint !== null) output.note(hint);
      const about = made.script === undefined ? generalStart(made.file) : ` for ${made.script}`;
      output.text(`Wrote ${made.file}${about}. Next: sweep plan ${shellQuoted(relative('.', made.file))}`);
    });
  command('import <file>', 'convert a sweep from W&B, Katib, SageMaker, or Optuna with Hydra into a spec')
    .option('--to <spec>', 'the spec to write', 'sweep.yaml')
    .addOption(new Option('--from <format>', 'its format (default: detected from its keys)').choices(IMPORT_FORMATS))
    .option('--force', 'overwrite an existing spec')
    .action(async (file: string, options: { to: string; from?: ImportFormat; force?: boolean }) =>
      (await import('./commands/import.ts')).importSweep(file, options, output),
    );
  command('plan <spec>', 'check a spec and show its trials, rounds and shards; submits nothing')
    .option('--workdir <dir>', 'where the sweep would run (default: .sweepstack beside the spec)')
    .option('--epoch-seconds <n>', EPOCH_SECONDS, positiveNumber)
    .action(async (spec: string, options: { workdir?: string; epochSeconds?: number }) =>
      (await import('./commands/plan.ts')).plan(spec, options, output),
    );
  command('try <spec>', 'train one trial for one epoch; show what went in and what came back')
    .addOption(
      new Option('--trial <n>', 'which trial, by its number in the plan (default: 0)')
        .argParser(wholeNumber)
        .conflicts('largest'),
    )
    .option(
      '--largest',
      'the trial most likely to run out of memory, judging by names such as batch_size and hidden_size',
    )
    .addOption(
      new Option(
        '--twice',
        'train a second trial with other parameters, to check that they reach the program',
      ).conflicts('on'),
    )
    .option(
      '--on <profiles>',
      'train it on AWS on all of these profiles at once (gpu,gpu-l4), and compare time, cost and memory',
    )
    .option('--stack <name>', 'with --on: the deployed stack (default: Sweepstack)')
    .option(
      '--wait <minutes>',
      'with --on: how long to wait for each profile to start its trial (default: 20)',
      positiveNumber,
    )
    .action(async (spec: string, options: TryOptions) => {
      const { on } = options;
      if (on !== undefined) {
        const { tryOnProfiles } = await import('./commands/try-on-profiles.ts');
        const work = (signal: AbortSignal) => tryOnProfiles(spec, { ...options, on }, output, signal);
        return finish(await interruptible(output, work, 'Stopping the trials on all profiles ...'));
      }
      const { tryOut } = await import('./commands/try.ts');
      finish(await interruptible(output, (signal) => tryOut(spec, options, output, signal)));
    });
  command('run <spec>', 'run the whole sweep on this machine; run it again to continue where it stopped')
    .option('--workdir <dir>', 'where to keep everything (default: .sweepstack beside the spec)')
    .option(
      '--max-parallel <n>',
      'trials to run at once (default: compute.maxParallel, else one per GPU or core)',
      positiveInteger,
    )
    .option(
      '--store <url>',
      'store objects in s3://bucket/prefix instead of the workdir; other commands find the sweep only in a bucket of a stack',
    )
    .option('--yes', 'do not ask before retraining after a change to the source or the data')
    .option('--report', 'rewrite report.html every minute, not only after each round')
    .option(
      '--take-over',
      'take over the sweep from a machine that cannot be checked; a run still alive there will end',
    )
    .action(async (spec: string, options: RunOptions) => {
      const { run } = await import('./commands/run.ts');
      finish(await interruptible(output, (signal) => run(spec, options, output, signal)));
    });
  command('start <spec>', 'upload source and data once, and start the sweep on AWS')
    .option('--stack <name>', 'the deployed stack (default: Sweepstack)')
    .option('--watch', 'follow the sweep to its end')
    .option('--yes', 'do not ask: retrain after a change to the source or the data, and start at any cost')
    .option('--try', 'train one trial for one epoch on AWS first, and start the rest only if it succeeds')
    .option(
      '--no-try',
      'start all trials right away; by default, the first start with more than 20 trials tries one first',
    )
    .option('--epoch-seconds <n>', EPOCH_SECONDS, positiveNumber)
    .action(async (spec: string, options: StartOptions) => {
      const { start } = await import('./commands/start.ts');
      const started = await start(spec, options, output, (work) =>
        interruptible(output, work, 'Stopping the trial; no others will start ...'),
      );
      if (typeof started === 'number') return finish(started);
      if (!options.watch) return;
      const { follow } = await import('./commands/watch.ts');
      finish(await interruptible(output, (signal) => follow(started, output, signal), LEAVING));
    });
  command(
    'doctor',
    'check the AWS account for anything that would block a first sweep: quotas, roles, queues, network, image; changes nothing',
  )
    .option('--stack <name>', 'the deployed stack (default: Sweepstack)')
    .option('--profile <name>', 'check only this profile (default: all of them)')
    .action(async (options: { stack?: string; profile?: string }) =>
      finish(await (await import('./commands/doctor.ts')).doctor(options, output)),
    );
  command('prices [types...]', 'show what instances cost, and the age of each price')
    .option('--refresh', "fetch today's prices from AWS for the instance types and region of the stack, and keep them")
    .option('--stack <name>', 'with --refresh: the deployed stack (default: Sweepstack)')
    .action(async (types: string[], options: { refresh?: boolean; stack?: string }) =>
      (await import('./commands/prices.ts')).prices(types, options, output),
    );
  lookup('watch [id]', 'follow a running sweep to its end')
    .option('--every <seconds>', 'seconds between updates (default: 1 here, 5 on AWS and in a pipe)', positiveInteger)
    .option('--report [file]', 'rewrite the report every minute (default: report.html in the folder of the sweep)')
    .action(async (id: string | undefined, options: WatchRequest) => {
      const { watch } = await import('./commands/watch.ts');
      finish(await interruptible(output, (signal) => watch(id, options, output, signal), LEAVING));
    });
  command('propose <spec>', 'ask and tell: print the next trials as a JSON array, given the results so far')
    .option(
      '--history <file>',
      'JSON lines {"parameters", "value", "epochs"}; value null for a failed trial; - reads stdin',
    )
    .option('--count <n>', 'how many trials', positiveInteger, 1)
    .action(async (spec: string, options: { history?: string; count: number }) =>
      (await import('./commands/propose.ts')).proposeTrials(spec, options, output),
    );
  command('pack <spec>', 'write to a folder what start would upload, and print the execution input')
    .requiredOption('--to <dir>', 'the folder')
    .action(async (spec: string, options: { to: string }) =>
      (await import('./commands/pack.ts')).pack(spec, options.to, output),
    );
  lookup('reproduce <id> <trial>', 'retrain one trial on this machine, and compare its metric with the recorded one')
    .option('--epochs <n>', 'epochs to train (default: as many as before)', positiveInteger)
    .action(async (id: string, trial: string, options) => {
      const { reproduce } = await import('./commands/reproduce.ts');
      finish(await interruptible(output, (signal) => reproduce(id, trial, options, output, signal)));
    });
  lookupCommands(lookup, output, finish);
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'the shell to print it for').choices(SHELLS))
    .description('print a shell completion script for commands, options and sweeps')
    .exitOverride()
    .action(async (shell: Shell) => output.verbatim(completionText(shell, program)));
  for (const each of program.commands) each.addHelpText('after', () => examplesText(each.name()));
  return program;
}

type DeclareCommand = (signature: string, description: string) => Command;

function lookupCommands(lookup: DeclareCommand, output: Output, finish: (status: number) => void): void {
  lookup('list', 'list the sweeps in this folder and on AWS, newest first')
    .option('--all', 'include sweeps in other folders on this machine')
    .action(async (options) => (await import('./commands/list.ts')).list(options, output));
  lookup('status [id]', 'show the current state of a sweep, and why trials failed').action(async (id, options) =>
    (await import('./commands/status.ts')).status(id, options, output),
  );
  lookup('costs [id]', 'show what a sweep has cost so far: by outcome, until its best, while idle, by trial').action(
    async (id, options) => (await import('./commands/costs.ts')).costs(id, options, output),
  );
  lookup('logs [id] [trial]', 'show what a trial printed (trial: an id, a number, #rank or best)')
    .option('-f, --follow', 'keep printing while the trial runs on this machine')
    .action(async (id, trial, options) => {
      const { logs } = await import('./commands/logs.ts');
      await interruptible(output, (signal) => logs(id, trial, options, output, signal), LEAVING);
    });
  lookup('report [id]', 'show the leaderboard, or write the current report')
    .option('--limit <n>', 'rows to show', positiveInteger, 20)
    .option('--html [file]', 'write the page with charts (default: report.html in the folder of the sweep)')
    .action(async (id, options) =>
      options.html === undefined
        ? (await import('./commands/report.ts')).report(id, options.limit, options, output)
        : (await import('./commands/report.ts')).reportPage(id, options.html, options, output),
    );
  lookup('model [id] [trial]', "copy a trial's model to a folder or a bucket (default: the best trial)")
    .requiredOption('--to <place>', 'a new or empty folder, or s3://bucket/prefix')
    .option('--sagemaker', 'pack it as model.tar.gz, and print the commands to register it in SageMaker')
    .option('--outputs', 'copy the files that training.outputs kept, instead of the model')
    .action(async (id, trial, options) => (await import('./commands/model.ts')).model(id, trial, options, output));
  lookup('next [id]', 'show whether to trust the winner and what to try next, and write the next spec')
    .option('--spec <file>', 'the spec of the sweep (default: the one in this folder with the same search)')
    .option('--to <file>', 'a new file beside that spec (default: its name with -next)')
    .action(async (id, options) => (await import('./commands/next.ts')).next(id, options, output));
  lookup('view [id]', 'show the sweeps here, live, in a browser on this machine')
    .option('--port <n>', 'the port on 127.0.0.1 (default: any free port)', positiveInteger)
    .action(async (id, options) => {
      const { view } = await import('./commands/view.ts');
      finish(await interruptible(output, (signal) => view(id, options, output, signal), 'Stopped showing the sweeps.'));
    });
  lookup('compare <ids...>', 'show sweeps side by side, and how their specs differ')
    .option('--html <file>', 'write the comparison to this file, as one page')
    .action(async (ids: string[], options) => (await import('./commands/compare.ts')).compare(ids, options, output));
  lookup(
    'export [id]',
    'write the trials to a file for pandas (CSV, JSON lines), or for Optuna and its dashboard (a journal)',
  )
    .addOption(
      new Option('--format <name>', 'the format (default: csv of a .csv file, else jsonl)').choices(EXPORT_FORMATS),
    )
    .requiredOption('--to <file>', 'a new file')
    .action(async (id, options) =>
      (await import('./commands/export.ts')).exportSweep(id, options.format, options.to, options, output),
    );
  lookup(
    'verify [id]',
    'recompute every decision of an asynchronous search, and check that it comes out the same',
  ).action(async (id, options) =>
    finish(await (await import('./commands/verify.ts')).verifySweep(id, options, output)),
  );
  lookup('stop <id>', 'stop a running sweep; start it again to continue').action(async (id, options) =>
    (await import('./commands/stop.ts')).stop(id, options, output),
  );
  steeringCommands(lookup, output, finish);
  lookup('remove <id>', "delete a sweep's objects; a champion it promoted stays")
    .option('--yes', 'do not ask; a script needs this, and the full id')
    .option('--take-over', 'remove it even if it may still be running on another machine that cannot be checked')
    .action(async (id, options) => finish(await (await import('./commands/remove.ts')).remove(id, options, output)));
}

function steeringCommands(lookup: DeclareCommand, output: Output, finish: (status: number) => void): void {
  lookup('pause <id>', 'pause a sweep: start no more trials, and let the running ones finish')
    .option('--now', 'do not wait: running trials save a checkpoint and stop')
    .action(async (id, options) => (await import('./commands/steer.ts')).pause(id, options, output));
  lookup('resume <id>', 'continue a paused, stopped or failed sweep, in this terminal or on AWS')
    .option('--max-parallel <n>', 'trials to run at once on this machine', positiveInteger)
    .action(async (id, options) => {
      const { resume } = await import('./commands/resume.ts');
      finish(await interruptible(output, (signal) => resume(id, options, output, signal)));
    });
  lookup('set <id>', 'change settings of a sweep, running or not, until you set them again')
    .option(
      '--max-parallel <n>',
      'trials to run at once on this machine; none: as in the spec',
      orNone(positiveInteger),
    )
    .option('--trials <n>', 'total number of trials, more than there are now', positiveInteger)
    .option('--stop-value <value>', 'search.stop.value; none: as in the spec', orNone(finiteNumber))
    .action(async (id, options) => (await import('./commands/steer.ts')).set(id, options, output));
  lookup('skip <id> <trial>', 'stop one trial, or keep it from starting; it is recorded as skipped and cannot win')
    .option('--undo', 'undo the skip; the trial is trained when the sweep resumes')
    .action(async (id, trial, options) => (await import('./commands/steer.ts')).skip(id, trial, options, output));
}

const orNone =
  (parse: (text: string) => number) =>
  (text: string): number | null =>
    text === 'none' ? null : parse(text);

function finiteNumber(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError('allowed: a number, or none');
  return value;
}

function wholeNumber(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('allowed: a whole number, 0 or higher');
  return value;
}

const EPOCH_SECONDS = 'seconds per epoch, to estimate the cost (default: as measured by sweep try or an earlier sweep)';

function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('allowed: a number above 0');
  return value;
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('allowed: a whole number, 1 or higher');
  return value;
}
