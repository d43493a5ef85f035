import { ServiceError } from './errors.ts';

/** The most that Step Functions passes into or out of a state: 256 KiB of JSON, in bytes of UTF-8. */
export const MAX_STATE_BYTES = 262_144;

/** Called with the size of everything that enters or leaves a state. */
export type Measure = (state: string, bytes: number) => void;

/**
 * A copy of a value as it would travel between states and services: as JSON, so nothing is shared and nothing else gets through.
 * @throws ServiceError States.DataLimitExceeded, which no Catch or Retry on AWS can handle
 */
export function carry(state: string, value: unknown, measure?: Measure): unknown {
  const text = JSON.stringify(value) ?? 'null';
  check(state, Buffer.byteLength(text), measure);
  return JSON.parse(text);
}

interface LoggedState {
  readonly name: string;
  readonly input: unknown;
  readonly output?: unknown;
}

/** The interpreter's events that carry a state's input and output. */
export interface LoggedEvent {
  readonly type: string;
  readonly state?: LoggedState;
  readonly parentState?: LoggedState;
  readonly output?: unknown;
}

/**
 * Applies the same limit to states without a handler (Pass, Choice, Map), using the interpreter's log. The outputs of a
 * Map's iterations count together, even if ResultPath then drops them.
 */
export class StateSizes {
  readonly #measure: Measure | undefined;
  /** Bytes that the iterations of a Map have answered, by the object that is the Map's input. */
  readonly #maps = new WeakMap<object, number>();

  constructor(measure: Measure | undefined) {
    this.#measure = measure;
  }

  /** @throws ServiceError States.DataLimitExceeded */
  note(event: LoggedEvent): void {
    const { type, state, parentState } = event;
    if (state !== undefined && type === 'StateEntered') this.#check(state.name, state.input);
    if (state !== undefined && type === 'StateExited') this.#check(state.name, state.output);
    const map = parentState?.input;
    if (type === 'MapIterationSucceeded' && parentState !== undefined && typeof map === 'object' && map !== null) {
      const bytes = (this.#maps.get(map) ?? 1) + sizeOf(event.output) + 1;
      this.#maps.set(map, bytes);
      check(parentState.name, bytes, this.#measure);
    }
  }

  #check(state: string, value: unknown): void {
    check(state, sizeOf(value), this.#measure);
  }
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

function check(state: string, bytes: number, measure: Measure | undefined): void {
  measure?.(state, bytes);
  if (bytes <= MAX_STATE_BYTES) return;
  const message = `the state ${state} received or returned ${bytes} bytes; allowed: at most ${MAX_STATE_BYTES}`;
  throw new ServiceError('States.DataLimitExceeded', message, true);
}
