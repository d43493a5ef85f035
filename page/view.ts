import { toText } from '../core/base/text.ts';
import { type Budget, budgetsOf } from './budgets.ts';
import type { Sweep, Trial } from './sweep.ts';
import type { Variable } from './variables.ts';

/** What a variable must be: within a range, or one of its choices, by these indexes. */
export type Limit = readonly [number, number] | ReadonlySet<number>;

/** An element: that chart alone is drawn anew. */
export type Change = 'filter' | 'budget' | 'axes' | 'picked' | 'hover' | 'open' | Element;

/** What the reader looks at: filters, the trial under the pointer, the trial that is opened. All panels share it. */
export class View {
  readonly sweep: Sweep;
  readonly budgets: ReturnType<typeof budgetsOf>;
  #budget: Budget;
  readonly #limits = new Map<Variable, Limit>();
  #text = '';
  #status: '' | 'succeeded' | 'failed' = '';
  #shown: Uint8Array;
  #hovered: Trial | null = null;
  readonly #listeners: ((change: Change) => void)[] = [];
  /** Ticked to be compared, in the order in which they were. */
  readonly picked = new Set<Trial>();
  /** Axes that the reader took out of the chart of all parameters. */
  readonly hidden = new Set<Variable>();
  /** Scales that the reader chose against those of the spec. */
  readonly #logs = new Map<Variable, boolean>();
  /** What a text is looked for in, made when first needed. */
  #texts: string[] | null = null;
  opened: Trial | null = null;

  constructor(sweep: Sweep) {
    this.sweep = sweep;
    this.#shown = new Uint8Array(sweep.trials.length).fill(1);
    this.budgets = budgetsOf(sweep);
    this.#budget = this.budgets.all[this.budgets.first]!;
  }

  listen(listener: (change: Change) => void): void {
    this.#listeners.push(listener);
  }

  /** Of charts that show the trials at one budget. */
  get budget(): Budget {
    return this.#budget;
  }

  chooseBudget(index: number): void {
    this.#budget = this.budgets.all[index]!;
    this.#notify('budget');
  }

  /** The variable on the scale that the reader wants it on. */
  scaled(variable: Variable): Variable {
    const log = this.#logs.get(variable);
    return log === undefined || log === variable.log ? variable : { ...variable, log };
  }

  chooseLog(variable: Variable, log: boolean): void {
    this.#logs.set(variable, log);
    this.#notify('axes');
  }

  hide(variable: Variable, hidden: boolean): void {
    if (hidden) this.hidden.add(variable);
    else this.hidden.delete(variable);
    this.#notify('axes');
  }

  redraw(chart: Element): void {
    this.#notify(chart);
  }

  #notify(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  limitOf(variable: Variable): Limit | null {
    return this.#limits.get(variable) ?? null;
  }

  limit(variable: Variable, limit: Limit | null): void {
    if (limit === null) this.#limits.delete(variable);
    else this.#limits.set(variable, limit);
    this.#filter();
  }

  find(text: string, status: '' | 'succeeded' | 'failed'): void {
    this.#text = text.trim().toLowerCase();
    this.#status = status;
    this.#filter();
  }

  clear(): void {
    this.#limits.clear();
    this.#text = '';
    this.#status = '';
    this.#filter();
  }

  get isFiltered(): boolean {
    return this.#limits.size > 0 || this.#text !== '' || this.#status !== '';
  }

  get limited(): Iterable<Variable> {
    return this.#limits.keys();
  }

  isShown(trial: Trial): boolean {
    return this.#shown[trial.index] === 1;
  }

  get shown(): number {
    return this.#shown.reduce((sum, one) => sum + one, 0);
  }

  #filter(): void {
    for (const trial of this.sweep.trials) this.#shown[trial.index] = this.#passes(trial) ? 1 : 0;
    this.#notify('filter');
  }

  #passes(trial: Trial): boolean {
    if (this.#status === 'failed' && trial.failure === null) return false;
    if (this.#status === 'succeeded' && trial.failure !== null) return false;
    for (const [variable, limit] of this.#limits) {
      const value = variable.valueOf(trial);
      if (value === null) return false;
      if (
        limit instanceof Set
          ? !limit.has(value)
          : value < (limit as readonly number[])[0]! || value > (limit as readonly number[])[1]!
      )
        return false;
    }
    return this.#text === '' || this.#textOf(trial).includes(this.#text);
  }

  #textOf({ index }: Trial): string {
    this.#texts ??= this.sweep.trials.map((trial) => {
      const values = this.sweep.data.parameters.map((parameter) => {
        const value = parameter.values[trial.index] ?? null;
        if (value === null) return '';
        return (parameter.choices === null ? String(value) : toText(parameter.choices[value]!)).slice(0, 1000);
      });
      return [String(trial.number), trial.id, trial.failure ?? '', trial.reason ?? '', ...values]
        .join('\n')
        .toLowerCase();
    });
    return this.#texts[index]!;
  }

  get hovered(): Trial | null {
    return this.#hovered;
  }

  hover(trial: Trial | null): void {
    if (this.#hovered === trial) return;
    this.#hovered = trial;
    this.#notify('hover');
  }

  pick(trial: Trial, wanted: boolean): void {
    if (wanted) this.picked.add(trial);
    else this.picked.delete(trial);
    this.#notify('picked');
  }

  pickNone(): void {
    this.picked.clear();
    this.#notify('picked');
  }

  open(trial: Trial | null): void {
    this.opened = trial;
    this.#notify('open');
  }
}
