import { dollarsText, hourlyText } from '../../core/money/dollars.ts';
import { originText, refreshHint } from '../../core/money/prices.ts';
import type { Quote } from '../../core/money/quote.ts';
import type { LaneCount } from '../../core/spec/packing.ts';
import { shellQuoted } from '../../core/spec/shell-script.ts';
import { lanesAssumed } from '../../core/trial/lanes.ts';
import { duration, plain } from './text.ts';

/** A quote, and what it rests on. */
export interface Quoted {
  readonly quote: Quote;
  /** Who says how long an epoch takes, in words. */
  readonly secondsBy: string;
  /** compute.trialsPerGpu. */
  readonly lanes: LaneCount;
  /** Trials that fit at once, where a trial has shown it; null: none has. */
  readonly fit: number | null;
  /** The region that the sweep would run in; null: this machine. */
  readonly region: string | null;
  /** 2026-07-20 */
  readonly today: string;
  /** That the budget is expected to end the sweep before it is through; null: it is not. */
  readonly cut: string | null;
}

/** What a sweep would cost, as a person reads it. */
export function costLines({ quote, secondsBy, lanes, fit, region, today, cut }: Quoted): string[] {
  const { expected, worst, machine, worstMachine, instances, secondsAnEpoch } = quote;
  if (quote.trainings === 0) return ['nothing: every trial has its result'];
  const { training, startAndEnd, beside, services } = expected.parts;
  const where =
    region === null ? 'this machine' : `${instances} ${machine.type}${machine.purchase === 'spot' ? ' on Spot' : ''}`;
  const prices = [machine.price, worstMachine.price];
  const hint = region === null ? null : refreshHint(prices, region, today);
  return [
    `about ${dollarsText(expected.dollars)} and ${duration(expected.seconds)} on ${where}; at most ${dollarsText(worst.dollars)} and ${duration(worst.seconds)}`,
    ...(region === null
      ? []
      : [
          `training ${dollarsText(training)}, startup and shutdown of instances ${dollarsText(startAndEnd)}, disks and addresses ${dollarsText(beside)}, logs and transitions ${dollarsText(services)}`,
        ]),
    `at ${secondsText(secondsAnEpoch)} per epoch (${plain(secondsBy)}) and ${hourlyText(machine.price.dollars)} an hour (${originText(machine.price, today)})`,
    ...(region === null
      ? []
      : [
          `most: ${worstMachine.type} at ${hourlyText(worstMachine.price.dollars)} an hour (${originText(worstMachine.price, today)})${worst.dollars > expected.dollars && machine.purchase === 'spot' ? ', and every Spot attempt lost at its end' : ''}`,
        ]),
    ...lanesText(lanes, fit),
    ...(cut === null ? [] : [cut]),
    ...(hint === null ? [] : [hint]),
  ];
}

/** What is assumed of trials that train beside each other. */
function lanesText(lanes: LaneCount, fit: number | null): string[] {
  const many = lanesAssumed(lanes, fit);
  if (lanes === 1) return [];
  if (lanes !== 'auto') return [`assuming that ${lanes} trials at once in each job are as fast as measured`];
  const why =
    fit === null
      ? 'no trial has shown yet how many fit'
      : `${many === 1 ? 'that' : 'so many'} fitted in an earlier trial`;
  return [`assuming that trialsPerGpu: auto trains ${many} at once: ${why}`];
}

const secondsText = (seconds: number): string => `${Number(seconds.toPrecision(3))} s`;

/** What to do where a cost is not known. `spec`: the file, as it was named. */
export const unknownCost = (spec: string): string =>
  `unknown: sweep try ${shellQuoted(spec)} measures the seconds per epoch`;

/** The same for commands to which they can be said. */
export const unknownUnlessSaid = (spec: string): string => `${unknownCost(spec)}; or pass --epoch-seconds`;
