import { bytesText } from '../../core/base/text.ts';
import { dollarsText } from '../../core/money/dollars.ts';
import { originText } from '../../core/money/prices.ts';
import type { MeasuredEpoch, TriedProfile } from '../../core/money/tried-machines.ts';
import type { Parameters } from '../../core/space/space.ts';
import { instanceText } from '../../core/trial/instance.ts';
import { MAX_LANES } from '../../core/trial/lanes.ts';
import { table } from './table.ts';
import { duration, parametersText, plain } from './text.ts';

interface Found {
  readonly trial: number;
  readonly parameters: Parameters;
  readonly profiles: readonly TriedProfile[];
  readonly cheapest: string | null;
  readonly fastest: string | null;
}

interface Shown {
  /** 2026-07-20 */
  readonly today: string;
  /** Columns. */
  readonly room: number;
  /** Minutes that a profile had to start. */
  readonly wait: number;
}

const HEADER = ['profile', 'seconds', '$ an epoch', 'machine', 'waited', 'memory', 'fit'] as const;

/** The profiles as rows of a table, why some have no numbers, and the cheapest and the fastest of the others. */
export function triedProfilesText(found: Found, { today, room, wait }: Shown): string {
  const { trial, parameters, profiles, cheapest, fastest } = found;
  const rows = profiles.map(({ profile, waitedSeconds, epoch }) => [
    profile,
    epoch === null ? '-' : epoch.seconds.toFixed(1),
    epoch === null ? '-' : dollarsCell(epoch),
    epoch === null ? '-' : epoch.instance === null ? 'not on EC2' : instanceText(epoch.instance),
    waitedSeconds === null ? '-' : duration(waitedSeconds),
    epoch === null ? '-' : memoryCell(epoch),
    epoch === null ? '-' : fitCell(epoch),
  ]);
  return [
    `one epoch of trial ${trial} (${parametersText(parameters)}), without fetching source and data`,
    table(HEADER, rows, room),
    ...profiles.flatMap((each) => {
      const why = whyNot(each, wait);
      return why === null ? [] : [`${each.profile}: ${why}`];
    }),
    ...profiles.flatMap(({ profile, epoch }) =>
      epoch !== null && (epoch.fit ?? 1) > 1
        ? [`${profile}: ${epoch.fit} such trials fit at once: compute.trialsPerGpu: ${Math.min(MAX_LANES, epoch.fit!)}`]
        : [],
    ),
    `cheapest  ${winnerText(profiles, cheapest, (epoch) => `${closeText(epoch.dollars!)} an epoch (${originText(epoch.price!, today)})`)}`,
    `fastest   ${winnerText(profiles, fastest, ({ seconds }) => `${seconds.toFixed(1)} s an epoch`)}`,
  ].join('\n');
}

const dollarsCell = ({ dollars }: MeasuredEpoch): string => (dollars === null ? 'unknown' : closeText(dollars));

/** Epochs cost cents, and are compared: `$0.0284`. */
const closeText = (dollars: number): string => (dollars < 1 ? `$${dollars.toPrecision(3)}` : dollarsText(dollars));

/** `3.1 GB of 24 GB` of the GPU; without one, of the host. */
function memoryCell({ peakMemory, gpuMemory }: MeasuredEpoch): string {
  if (peakMemory.gpu === undefined) return peakMemory.host === undefined ? 'unknown' : `${bytesText(peakMemory.host)}`;
  return `${bytesText(peakMemory.gpu)}${gpuMemory === null ? '' : ` of ${bytesText(gpuMemory)}`} GPU`;
}

const fitCell = ({ fit }: MeasuredEpoch): string => (fit === null ? 'unknown' : String(fit));

function whyNot({ status, failure }: TriedProfile, wait: number): string | null {
  if (status === 'no-machine') return `no machine within ${wait} minutes; --wait gives it longer`;
  if (status === 'interrupted') return 'interrupted';
  return failure === null ? null : `${failure.class}: ${plain(failure.reason)}`;
}

function winnerText(
  profiles: readonly TriedProfile[],
  name: string | null,
  words: (epoch: MeasuredEpoch) => string,
): string {
  const epoch = profiles.find(({ profile }) => profile === name)?.epoch;
  return name === null || epoch == null ? 'not known' : `${name}: ${words(epoch)}`;
}
