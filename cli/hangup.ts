import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * Says to this command that SIGHUP was ignored when it was started (`nohup`). Set by the first lines of dist/sweep.mjs,
 * which the shell runs, and by a Node that restarts the command.
 */
export const HANGUP_VARIABLE = 'SWEEPSTACK_HANGUP';

/**
 * Whether SIGHUP was ignored when this command was started. Node gives every signal its default back before it runs a
 * line of ours, so this process cannot be asked; what started it can.
 */
export function hangupWasIgnored(environment: NodeJS.ProcessEnv = process.env): boolean {
  if (environment[HANGUP_VARIABLE] === 'ignored') return true;
  return (
    isNohup(environment['_']) || jobAbove().some(({ ignoresHangup, started }) => ignoresHangup || isNohup(started))
  );
}

/** bash and zsh tell a program by `_` what was typed: under `nohup node sweep.mjs` that is nohup, which has become Node. */
const isNohup = (typed: string | undefined): boolean => typed !== undefined && basename(typed) === 'nohup';

interface Ancestor {
  readonly ignoresHangup: boolean;
  /** `_` of its environment. */
  readonly started: string | undefined;
}

/** The processes above this one that a shell has started as one job with it: npx, scripts. By /proc, so on Linux only. */
function jobAbove(): Ancestor[] {
  const above: Ancestor[] = [];
  const { group } = parentAndGroup(process.pid);
  for (let { parent } = parentAndGroup(process.pid); parent > 1; ) {
    const next = parentAndGroup(parent);
    if (next.group !== group) break;
    above.push({ ignoresHangup: ignoresHangup(read(`/proc/${parent}/status`)), started: startedBy(parent) });
    parent = next.parent;
  }
  return above;
}

/** Fields 4 and 5 of stat; the name before them stands in parentheses and may hold anything. */
function parentAndGroup(pid: number): { parent: number; group: number } {
  const stat = read(`/proc/${pid}/stat`);
  const [, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { parent: Number(parent ?? 0), group: Number(group ?? 0) };
}

/** SigIgn is a mask in hexadecimal; SIGHUP is signal 1, its lowest bit. */
export function ignoresHangup(status: string): boolean {
  const mask = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return mask !== undefined && (BigInt(`0x${mask}`) & 1n) === 1n;
}

function startedBy(pid: number): string | undefined {
  const line = read(`/proc/${pid}/environ`)
    .split('\0')
    .find((entry) => entry.startsWith('_='));
  return line?.slice(2);
}

/** Empty when the process has just ended, belongs to somebody else, or there is no /proc. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
