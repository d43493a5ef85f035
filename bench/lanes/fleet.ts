// Dollars of a sweep of 500 small trials on a simulated Spot-less fleet, packed by 1, 4 and auto, by the rules that the trial
// runner packs by (core/trial/lanes.ts, core/trial/room.ts).
//
//   node tools/node24.mjs bench/lanes/fleet.ts
//
// Assumed: an instance is billed from its start, needs four minutes until its first trial, serves container after container
// with half a minute between them, and ends two minutes after its last; a trial keeps its GPU busy for a share of its time, so
// that lanes together take no less than the sum of their shares, and each lane adds 5 % to what the others need.
import { INSTANCES } from '../../core/aws/instance-table.ts';
import { type LaneCount, trialsPerChild } from '../../core/spec/packing.ts';
import { begun, ended, fitOf, type Lanes, lanesAtStart, mayBegin } from '../../core/trial/lanes.ts';

const TRIALS = 500;
const GB = 1e9;
const START = 240;
const BETWEEN = 30;
const IDLE = 120;
const LANE_COST = 0.05;

interface Kind {
  readonly name: string;
  /** Seconds alone. */
  readonly seconds: number;
  /** Share of the GPU's time, bytes of its memory, cores. */
  readonly busy: number;
  readonly memory: number;
  readonly cores: number;
}
const KINDS: readonly Kind[] = [
  { name: 'ten seconds, 10 % busy', seconds: 10, busy: 0.1, memory: 1 * GB, cores: 0.5 },
  { name: 'five minutes, 23 % busy, 3.1 GB', seconds: 300, busy: 0.23, memory: 3.1 * GB, cores: 0.9 },
  { name: 'five minutes, 90 % busy, 12 GB', seconds: 300, busy: 0.9, memory: 12 * GB, cores: 2 },
];

/** Seconds that a child takes for its trials, by the real rules under a virtual clock: processor sharing among its lanes. */
function childSeconds(
  kind: Kind,
  trials: number,
  count: LaneCount,
  machine: { memory: number; vcpus: number },
): number {
  const usage = {
    gpu: {
      ...{ devices: 1, samples: 9 },
      busy: { mean: 100 * kind.busy, peak: 100 },
      memory: { peak: kind.memory, total: machine.memory },
    },
    cores: { busy: kind.cores, given: machine.vcpus },
  };
  let lanes: Lanes = lanesAtStart(count);
  let left = trials;
  let now = 0;
  /** Seconds of work alone that each running trial still has. */
  let running: number[] = [];
  for (;;) {
    while (left > 0 && mayBegin(lanes) === 'next') {
      lanes = begun(lanes, 'next');
      running.push(kind.seconds);
      left--;
    }
    if (running.length === 0) return now;
    const beside = running.length;
    const slower =
      Math.max(1, beside * kind.busy, (beside * kind.cores) / machine.vcpus) * (1 + LANE_COST * (beside - 1));
    const step = Math.min(...running);
    now += step * slower;
    const over = running.filter((work) => work - step <= 1e-9).length;
    running = running.map((work) => work - step).filter((work) => work > 1e-9);
    const fit = beside === 1 ? fitOf({ usage }, true) : null;
    for (let one = 0; one < over; one++) lanes = ended(lanes, { status: 'succeeded', fit });
  }
}

/** A fleet of at most `most` instances, each of which takes the next child when it is free. */
function sweep(kind: Kind, count: LaneCount, trialsPerJob: number | undefined, type: string, most: number) {
  const machine = INSTANCES.find((instance) => instance.type === type)!;
  const each = trialsPerChild({ trialsPerGpu: count, ...(trialsPerJob === undefined ? {} : { trialsPerJob }) });
  const children = Array.from({ length: Math.ceil(TRIALS / each) }, (_, child) =>
    Math.min(each, TRIALS - child * each),
  );
  const free = Array.from({ length: Math.min(most, children.length) }, () => START);
  for (const trials of children) {
    const first = free.indexOf(Math.min(...free));
    const resources = { memory: machine.gpuMemoryMiB * 1024 * 1024, vcpus: machine.vcpus };
    free[first]! += BETWEEN + childSeconds(kind, trials, count, resources);
  }
  const seconds = free.reduce((sum, end) => sum + end + IDLE, 0);
  return { dollars: (seconds / 3600) * machine.onDemand!, minutes: Math.max(...free) / 60, children: children.length };
}

const [type, most] = ['g5.xlarge', 16];
console.log(`${TRIALS} trials on at most ${most} ${type}, on demand`);
console.log('| trials | trialsPerGpu | trialsPerJob | containers | minutes | dollars |');
console.log('| --- | --- | --- | --- | --- | --- |');
for (const kind of KINDS)
  for (const [count, perJob] of [
    [1, undefined],
    [1, 16],
    [4, 16],
    ['auto', 16],
  ] as const) {
    const { dollars, minutes, children } = sweep(kind, count, perJob, type, most);
    console.log(
      `| ${kind.name} | ${count} | ${perJob ?? 1} | ${children} | ${minutes.toFixed(0)} | ${dollars.toFixed(2)} |`,
    );
  }
