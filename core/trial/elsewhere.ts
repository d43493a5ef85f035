import type { TrialMetadata } from './collected.ts';
import { instanceText } from './instance.ts';

/** Where a trial is to be trained again. */
export interface Here {
  readonly host: string;
  readonly onGpu: boolean;
}

/** How a trial's machine differed from this one, in words: differences that may change its numbers. */
export function elsewhere(
  facts: Pick<TrialMetadata, 'host' | 'instance' | 'peakMemory'> | undefined,
  here: Here,
  { training }: { readonly training: { readonly requirements?: string | undefined; readonly command?: unknown } },
): string[] {
  if (facts === undefined) return [];
  const { host, instance, peakMemory } = facts;
  const isOther = instance !== undefined || (host !== null && host !== here.host);
  // Only where its memory was seen is it certain that a GPU was used; not seen, it may have been.
  const wasOnGpu = peakMemory?.gpu !== undefined && peakMemory.gpu > 0;
  const notes: string[] = [];
  if (wasOnGpu && !here.onGpu)
    notes.push('it was trained on a GPU, and is trained on a CPU here: kernels, and perhaps the precision, differ');
  if (isOther)
    notes.push(
      `it was trained on ${instance === undefined ? `the machine ${host}` : instanceText(instance)}, not on this machine`,
    );
  if (isOther && training.command !== undefined && training.requirements === undefined)
    notes.push('training.requirements is not set, so each machine uses its own packages, whose versions may differ');
  return notes;
}
