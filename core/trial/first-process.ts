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

/**
 * The processes that get a gentle SIGTERM: the program's first process alone, as ECS and `docker stop` do it. Workers of a
 * data loader that got one too would be dead before the program has saved. A shell without a trap that waits for what it
 * started would end at once and leave that behind, so it is passed over for its own children.
 */
export function gentlyStopped(first: number, processes: readonly ProcessState[]): number[] {
  const self = processes.find(({ pid }) => pid === first);
  if (self === undefined || self.onTerm !== 'ends' || !SHELLS.has(self.name)) return [first];
  const children = processes.filter(({ parent, onTerm }) => parent === first && onTerm !== 'ignores');
  return children.length === 0 ? [first] : children.flatMap(({ pid }) => gentlyStopped(pid, processes));
}
