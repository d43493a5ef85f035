/** What is known of one process of a program. */
export interface ProcessState {
  readonly pid: number;
  readonly parent: number;
  /** Its command, without folder and arguments. */
  readonly name: string;
  /** What it does on SIGTERM. */
  readonly onTerm: 'ends' | 'handles' | 'ignores';
}

const SHELLS = new Set(['sh', 'dash', 'bash', 'ash', 'zsh', 'ksh', 'busybox']);

/** Whom to signal, gently, that a program has to end. */
export interface GentleStop {
  /** The processes that get SIGTERM. */
  readonly signalled: readonly number[];
  /**
   * Shells that wait for these, outermost first. They are held until what they wait for has ended, and then end as well:
   * a script that went on would start its next step, an evaluation say, on a training that was cut short.
   */
  readonly waiting: readonly number[];
}

/**
 * A gentle SIGTERM goes to the program's first process alone, as ECS and `docker stop` do it. Workers of a data loader that
 * got one too would be dead before the program has saved. A shell without a trap that waits for what it started would end
 * at once and leave that behind, so it is passed over for its own children.
 */
export function gentleStop(first: number, processes: readonly ProcessState[]): GentleStop {
  const self = processes.find(({ pid }) => pid === first);
  if (self === undefined || self.onTerm !== 'ends' || !SHELLS.has(self.name))
    return { signalled: [first], waiting: [] };
  const children = processes.filter(({ parent, onTerm }) => parent === first && onTerm !== 'ignores');
  if (children.length === 0) return { signalled: [first], waiting: [] };
  const below = children.map(({ pid }) => gentleStop(pid, processes));
  return {
    signalled: below.flatMap(({ signalled }) => signalled),
    waiting: [first, ...below.flatMap(({ waiting }) => waiting)],
  };
}
