import * as z from 'zod';
import type { OnEvent } from '../core/sweep/events.ts';
import type { FunctionName } from '../lambdas/functions.ts';
import type { LockKeeper } from './lock-keeper.ts';

export type Handlers = Readonly<Record<FunctionName, (payload: unknown) => Promise<unknown>>>;

/** The part of the handlers' answers that events report. */
const planned = z.object({
  round: z.number(),
  wave: z.number().catch(0),
  kind: z.enum(['search', 'rung', 'confirm', 'asynchronous']).catch('search'),
  units: z.object({ expected: z.number(), finished: z.number() }).optional(),
  epochs: z.number(),
  shards: z.array(z.object({ size: z.number(), trials: z.number().optional() })),
  withheld: z.number().catch(0),
  partitions: z.array(z.object({ count: z.number() })),
});
const aggregated = z.object({ partition: z.number(), succeeded: z.number(), failed: z.number() });
const collection = z.object({ round: z.number() });
const selected = z.object({ round: z.number(), decision: z.string() });

/** The handlers of the sweep's only owner. None writes for a run that has lost its lock. */
export function keptHandlers({ plan, aggregate, select, promote, release }: Handlers, keeper: LockKeeper): Handlers {
  return {
    // The first plan takes the lock, and each looks at it by itself.
    plan: async (payload) => {
      const answer = await plan(payload);
      keeper.acquired();
      return answer;
    },
    aggregate: (payload) => keeper.whileHeld(() => aggregate(payload)),
    select: (payload) => keeper.whileHeld(() => select(payload)),
    promote: (payload) => keeper.whileHeld(() => promote(payload)),
    release,
  };
}

/** The handlers, with an event for each answer. Answers that cannot be parsed are still passed on. */
export function withEvents(handlers: Handlers, onEvent: OnEvent): Handlers {
  return {
    plan: async (payload) => {
      const answer = await handlers.plan(payload);
      const { data } = planned.safeParse(answer);
      if (data !== undefined) {
        const { round, wave, kind, epochs, units } = data;
        const trials = units?.expected ?? data.partitions.reduce((sum, { count }) => sum + count, 0);
        const left = data.shards.reduce((sum, { size, trials = size }) => sum + trials, data.withheld);
        // An asynchronous search is announced once: its later waves train what the first one left.
        if (units === undefined || wave === 0)
          onEvent({ type: 'round-planned', round, kind, trials, reused: units?.finished ?? trials - left, epochs });
        else if (left > 0)
          onEvent({ type: 'notice', message: `wave ${wave + 1} continues with up to ${left} at once` });
      }
      return answer;
    },
    aggregate: async (payload) => {
      const answer = await handlers.aggregate(payload);
      const { data } = aggregated.safeParse(answer);
      const round = collection.safeParse(payload).data?.round;
      if (data !== undefined && round !== undefined) onEvent({ type: 'round-collected', round, ...data });
      return answer;
    },
    select: async (payload) => {
      const answer = await handlers.select(payload);
      const { data } = selected.safeParse(answer);
      if (data !== undefined) onEvent({ type: 'round-selected', ...data });
      return answer;
    },
    promote: handlers.promote,
    release: handlers.release,
  };
}
