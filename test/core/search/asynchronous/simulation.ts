import {
  type ClaimName,
  type Control,
  claimKey,
  claimSchema,
  claimsPrefix,
  controlKey,
  type Ended,
  endedKey,
  endedSchema,
  objectText,
  type Point,
  parseClaimKey,
  parseObject,
  parsePointKey,
  pointSchema,
  pointsPrefix,
  type Wave,
  waveKey,
} from '../../../../core/layout/asynchronous.ts';
import { parseResultKey, resultKey, resultsPrefix } from '../../../../core/layout/keys.ts';
import type { Child, View } from '../../../../core/search/asynchronous/choice.ts';
import { gate } from '../../../../core/search/asynchronous/gate.ts';
import { outcomeOf, unitName } from '../../../../core/search/asynchronous/known.ts';
import { look, readOrders } from '../../../../core/search/asynchronous/look.ts';
import { Memory } from '../../../../core/search/asynchronous/memory.ts';
import { create, list, replace, type StoreWork } from '../../../../core/search/asynchronous/store-calls.ts';
import { type AsynchronousSweep, underControl } from '../../../../core/search/asynchronous/sweep.ts';
import type { Decided } from '../../../../core/search/asynchronous/verify.ts';
import {
  type AfterWave,
  afterWave,
  arraysInQuestion,
  forgiven,
  nextWave,
  startsIn,
} from '../../../../core/search/asynchronous/wave.ts';
import type { Parameters } from '../../../../core/space/space.ts';
import { parseResult, resultText } from '../../../../core/trial/result.ts';
import { Clock, chance, logNormal } from './clock.ts';
import { BATCH_ATTEMPTS, Process, type Trouble } from './cloud.ts';
import { MemoryStore } from './memory-store.ts';

export interface Scenario {
  readonly sweep: AsynchronousSweep;
  readonly seed: number;
  readonly children: number;
  /** Trainings of each child at once; left out: 1. */
  readonly lanes?: number;
  /** Seconds of a unit: their mean, and the standard deviation of their logarithm. */
  readonly unit: { readonly mean: number; readonly spread: number };
  /** The objective; null: it fails. */
  readonly value: (parameters: Parameters, epochs: number, number: number) => number | null;
  /** Numbers whose training kills its host. */
  readonly poison: ReadonlySet<number>;
  readonly trouble: Trouble;
  /** What a person asks, at which second. */
  readonly asked?: readonly { readonly at: number; readonly control: Control }[];
  /** Seconds after which an execution is stopped, its children left alone; the next one begins a while later. */
  readonly stopped?: readonly number[];
}

export interface Course {
  readonly store: MemoryStore;
  readonly waves: readonly Wave[];
  /** How each execution ended. */
  readonly ends: readonly (AfterWave['next'] | 'stopped')[];
  /** Trainings that were begun, by unit. */
  readonly trainings: ReadonlyMap<string, number>;
  /** Seconds until the last execution ended, and seconds that were trained by then, all children together. */
  readonly seconds: number;
  readonly trained: number;
  readonly calls: number;
}

const START_SECONDS = 30;
const BETWEEN_SECONDS = 90;

/** A whole sweep under the virtual clock: executions, waves, arrays, children and the store, until nothing is left. */
export function simulate(scenario: Scenario): Course {
  return new Simulation(scenario).run();
}

class Simulation {
  readonly #scenario: Scenario;
  readonly #sweepId: string;
  readonly #clock = new Clock();
  readonly #store = new MemoryStore();
  readonly #random: () => number;
  readonly #waves: Wave[] = [];
  readonly #ends: Course['ends'][number][] = [];
  readonly #trainings = new Map<string, number>();
  readonly #terminated = new Set<string>();
  readonly #processes = new Map<string, Set<Process>>();
  #arrays = 0;
  #executions = 0;
  #execution = '';
  #seconds = 0;
  #trained = 0;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#sweepId = scenario.sweep.sweepId;
    this.#random = chance(scenario.seed);
  }

  run(): Course {
    for (const { at, control } of this.#scenario.asked ?? [])
      this.#clock.after(at, () => this.#store.put(controlKey(this.#sweepId), objectText(control)));
    for (const at of this.#scenario.stopped ?? []) this.#clock.after(at, () => this.#stop());
    this.#begin();
    this.#clock.run();
    return {
      store: this.#store,
      waves: this.#waves,
      ends: this.#ends,
      trainings: this.#trainings,
      seconds: this.#seconds,
      trained: this.#trained,
      calls: 0,
    };
  }

  #begin(): void {
    this.#execution = `execution-${this.#executions++}`;
    this.#plan(this.#execution, 0);
  }

  #stop(): void {
    if (this.#execution === '') return;
    this.#end('stopped');
    this.#clock.after(200 * this.#random(), () => this.#begin());
  }

  #end(how: Course['ends'][number]): void {
    this.#ends.push(how);
    this.#execution = '';
    this.#seconds = this.#clock.now;
    // Somebody resumes what was paused.
    if (how !== 'paused') return;
    this.#clock.after(3600, () => {
      this.#store.put(controlKey(this.#sweepId), objectText({ paused: false, skipped: [] }));
      this.#begin();
    });
  }

  /** A Lambda function: of an execution that was stopped its answer counts no more. */
  #lambda<Result>(execution: string, work: StoreWork<Result>, then: (result: Result) => void): void {
    const process = new Process(this.#clock, this.#store, this.#random, this.#scenario.trouble, false);
    process.perform(work, (result) => {
      if (execution === this.#execution) then(result);
    });
  }

  #plan(execution: string, round: number): void {
    this.#lambda(execution, this.#planning(execution, round), (wave) => {
      this.#waves.push(wave);
      this.#submit(execution, wave, round);
      if (this.#random() < this.#scenario.trouble.twinArray) this.#submit(null, wave, round);
    });
  }

  *#planning(execution: string, round: number): StoreWork<Wave> {
    const sweepId = this.#sweepId;
    const { sweep, children } = this.#scenario;
    for (;;) {
      const { wave: before, etag, control } = yield* readOrders(sweepId);
      const memory = new Memory();
      const nobody = nextWave(before, { execution, round, children, dead: [], results: 0, starts: 0 });
      let view = yield* look(underControl(sweep, control), nobody, control, memory);
      if (round === 0 && before !== null && before.execution !== execution) view = yield* this.#forgive(view, memory);
      const dead = arraysInQuestion({ owners: view.owners, wave: before });
      const results = [...view.known.budgets.values()].reduce((sum, { ended }) => sum + ended.size, 0);
      const starts = startsIn(view.units.values());
      const wave = nextWave(before, { execution, round, children, dead, results, starts });
      // Batch ends what an earlier wave left at work, though a host out of reach may not hear of it.
      for (const array of dead) this.#terminate(array);
      const text = objectText(wave);
      const isMine =
        before === null ? yield* create(waveKey(sweepId), text) : yield* replace(waveKey(sweepId), text, etag);
      if (isMine) return wave;
    }
  }

  *#forgive(view: View, memory: Memory): StoreWork<View> {
    const sweepId = this.#sweepId;
    const names = (yield* list(claimsPrefix(sweepId))).map((key) => parseClaimKey(sweepId, key)!);
    const { release, discard } = forgiven(this.#scenario.sweep, names, view, (number) => memory.trials.get(number));
    for (const claim of release) yield* create(`${claimKey(sweepId, claim)}.released`, '');
    for (const { trialId, epochs } of discard) this.#store.remove(resultKey(sweepId, trialId, epochs));
    this.#store.remove(endedKey(sweepId));
    return yield* look(this.#scenario.sweep, view.wave, view.control, new Memory());
  }

  #terminate(array: string): void {
    this.#terminated.add(array);
    for (const process of this.#processes.get(array) ?? []) process.lose();
  }

  /** An array job. `execution` null: its answer was lost, and nobody waits for it. */
  #submit(execution: string | null, wave: Wave, round: number): void {
    const array = `array-${this.#arrays++}`;
    this.#processes.set(array, new Set());
    let left = wave.children;
    for (let index = 0; index < wave.children; index++)
      this.#child(array, index, 1, wave, () => {
        left -= 1;
        if (left === 0 && execution !== null)
          this.#clock.after(BETWEEN_SECONDS * (0.5 + this.#random()), () => this.#select(execution, wave, round));
      });
  }

  #select(execution: string, wave: Wave, round: number): void {
    if (execution !== this.#execution) return;
    this.#lambda(execution, this.#judging(), ({ next }) => {
      if (next === 'wave') this.#plan(execution, round + 1);
      else this.#end(next);
    });
    void wave;
  }

  *#judging(): StoreWork<AfterWave> {
    const { wave, control, ended } = yield* readOrders(this.#sweepId);
    const sweep = underControl(this.#scenario.sweep, control);
    return afterWave(sweep, yield* look(sweep, wave!, control, new Memory()), control, ended);
  }

  #child(array: string, index: number, attempt: number, wave: Wave, done: () => void): void {
    this.#clock.after(START_SECONDS * (0.7 + 0.6 * this.#random()), () => {
      if (this.#terminated.has(array)) return done();
      const process = new Process(this.#clock, this.#store, this.#random, this.#scenario.trouble, true);
      this.#processes.get(array)!.add(process);
      process.onEnd = (status) => {
        const again = (status === null || status === 75) && attempt < BATCH_ATTEMPTS;
        if (again) this.#child(array, index, attempt + 1, wave, done);
        else done();
      };
      const { execution } = wave;
      const me = { wave: wave.wave, execution, owner: `${array}:${index}`, index, attempt, host: `${array}-${index}` };
      this.#work(process, me);
    });
  }

  /** Fills the lanes of a child, one after the other, and those that have ended anew; exits once nothing is left. */
  #work(process: Process, me: Omit<Child, 'lanes' | 'inHand'>): void {
    const { lanes = 1, sweep } = this.#scenario;
    const memory = new Memory();
    const inHand = new Set<string>();
    const ended: string[] = [];
    let isWaiting = false;
    let aside: (() => void) | null = null;
    const fill = () => {
      if (aside !== null || inHand.size === lanes) {
        next();
        return;
      }
      const asking: Child = { ...me, lanes, inHand: new Set(inHand) };
      process.perform(gate(sweep, asking, memory, `at ${Math.round(this.#clock.now)}`), (turn) => {
        if (turn.kind === 'exit') {
          next();
          return;
        }
        const name = unitName(turn.claim);
        inHand.add(name);
        const begin = () =>
          this.#train(process, turn.claim, turn.trialId, turn.parameters, () => {
            ended.push(name);
            if (isWaiting) next();
          });
        if (turn.isLastStart) aside = begin;
        else begin();
        fill();
      });
    };
    const next = () => {
      if (aside !== null && inHand.size === 1) {
        aside();
        aside = null;
      }
      const name = ended.shift();
      isWaiting = name === undefined;
      if (name !== undefined) {
        inHand.delete(name);
        fill();
      } else if (inHand.size === 0) process.exit(0);
    };
    fill();
  }

  #train(process: Process, claim: ClaimName, trialId: string, parameters: Parameters, ask: () => void): void {
    const { unit, poison, trouble } = this.#scenario;
    const name = unitName(claim);
    this.#trainings.set(name, (this.#trainings.get(name) ?? 0) + 1);
    const seconds = logNormal(chance(claim.number * 7919 + claim.epochs), unit.mean, unit.spread);
    const isPoison = poison.has(claim.number);
    if (isPoison || this.#random() < trouble.killedInTraining)
      process.after(seconds * this.#random(), () => {
        process.lose();
        // Poison kills what is there, heard of or not.
        if (isPoison) process.isAlive = false;
      });
    process.after(seconds, () => {
      this.#trained += seconds;
      process.perform(this.#finishing(claim, trialId, parameters), ask);
    });
  }

  *#finishing(claim: ClaimName, trialId: string, parameters: Parameters): StoreWork<void> {
    const sweepId = this.#sweepId;
    const next = claimKey(sweepId, { ...claim, generation: claim.generation + 1 });
    // A runner looks now and then; here it looks at the end alone, which harms most.
    const superseded = (yield { call: 'read', keys: [next] }) as { objects: readonly unknown[] };
    if (superseded.objects[0] !== null && this.#random() < 0.5) return;
    const { number, epochs } = claim;
    const value = this.#scenario.value(parameters, epochs, number);
    yield* create(resultKey(sweepId, trialId, epochs), resultBody(this.#scenario.sweep, claim, trialId, value));
  }
}

export function resultBody(sweep: AsynchronousSweep, claim: ClaimName, trialId: string, value: number | null): string {
  const { metric, goal, at } = sweep.spec.objective;
  return resultText({
    sweepId: sweep.sweepId,
    trial: claim.number,
    trialId,
    epochs: claim.epochs,
    status: value === null ? 'failed' : 'succeeded',
    metric,
    goal,
    at,
    value,
    epoch: value === null ? null : claim.epochs,
    diverged: false,
    failure: value === null ? { class: 'exit-status', reason: 'exited with status 1' } : null,
    attempt: String(claim.generation),
    modelFiles: 0,
    model: undefined,
    facts: { startedAt: '', seconds: 1, host: '', attemptNumber: 1, logTail: '' },
  });
}

/** All that the store holds of what was decided, for `verify`. */
export function decidedIn(store: MemoryStore, sweepId: string): Decided & { readonly placed: Map<string, Point> } {
  const placed = new Map<string, Point>();
  for (const key of store.keys(pointsPrefix(sweepId))) {
    const name = parsePointKey(sweepId, key)!;
    if ('trialId' in name) placed.set(name.trialId, parseObject(pointSchema, key, store.read(key)!.body));
  }
  const claims = store.keys(claimsPrefix(sweepId)).flatMap((key) => {
    const { released, ...name } = parseClaimKey(sweepId, key)!;
    if (released || name.generation !== 1) return [];
    return [{ ...name, claim: parseObject(claimSchema, key, store.read(key)!.body) }];
  });
  const outcomes = store.keys(resultsPrefix(sweepId)).flatMap((key) => {
    const name = parseResultKey(sweepId, key)!;
    const result = parseResult(store.read(key)!.body, { sweepId, ...name });
    const number = placed.get(name.trialId)?.number;
    return result === null || number === undefined
      ? []
      : [[unitName({ number, epochs: name.epochs }), outcomeOf(result)] as const];
  });
  const ended = store.read(endedKey(sweepId));
  return {
    claims,
    placed,
    points: new Map([...placed.values()].map(({ number, parameters }) => [number, parameters])),
    outcomes: new Map(outcomes),
    ended: ended === null ? null : (parseObject(endedSchema, endedKey(sweepId), ended.body) as Ended),
  };
}
