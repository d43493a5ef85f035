import { describe, expect, test } from 'vitest';
import type { Claim, ListedClaim, Wave } from '../../../../core/layout/asynchronous.ts';
import {
  type Child,
  choose,
  reasonToClose,
  reasonToLeave,
  type View,
} from '../../../../core/search/asynchronous/choice.ts';
import { startsOf, unitName } from '../../../../core/search/asynchronous/known.ts';
import { knownOf, type Told } from './known-of.ts';
import { bayesian } from './scenarios.ts';

const sweep = bayesian(8);
const control = { paused: false, skipped: [] };
const wave: Wave = {
  ...{ wave: 3, execution: 'e', round: 1, children: 4, dead: ['old'], closed: null },
  before: { results: 0, starts: 0 },
};
const me: Child = {
  ...{ wave: 3, execution: 'e', owner: 'array:1', index: 1, attempt: 2, host: 'h' },
  ...{ lanes: 1, inHand: new Set() },
};

/** Generations of starts of one unit, the highest owned by somebody; released ones are negative. */
interface Begun {
  readonly number: number;
  readonly generations: readonly number[];
  readonly owner: string;
  readonly attempt?: number;
  readonly value?: number;
}

function view(begun: readonly Begun[], without: readonly number[] = []): View {
  const claims = begun.flatMap(({ number, generations }): ListedClaim[] =>
    generations.flatMap((generation) => {
      const claim = { number, epochs: 10, generation: Math.abs(generation), released: false };
      return generation < 0 ? [claim, { ...claim, released: true }] : [claim];
    }),
  );
  const known = knownOf(
    8,
    begun.map(({ number, value }): Told => [number, 10, value]),
  );
  const points = new Map([...known.points].filter(([number]) => !without.includes(number)));
  const owners = begun.map(({ number, owner, attempt = 1 }): [string, Claim] => [
    unitName({ number, epochs: 10 }),
    { owner, attempt, host: 'h', since: '' },
  ]);
  const seen = { numbers: 8, points: '', budgets: [] };
  return { wave, control, units: startsOf(claims), owners: new Map(owners), known: { ...known, points }, seen };
}

const claimOf = (number: number, generation: number) => ({ kind: 'claim', claim: { number, epochs: 10, generation } });

describe('a child begins no unit', () => {
  test.each([
    ['without a wave', null, control],
    ['of another wave', { ...wave, wave: 4 }, control],
    ['of another execution', { ...wave, execution: 'f' }, control],
    ['whose array has ended', { ...wave, dead: ['array'] }, control],
    ['of a closed wave', { ...wave, closed: 'attempts' as const }, control],
    ['of a paused sweep', wave, { ...control, paused: true }],
    ['beyond the number that may work at once', wave, { ...control, maxParallel: 1 }],
  ])('%s', (_, of, asked) => {
    expect(reasonToLeave(of, asked, null, me)).not.toBeNull();
  });

  test('once the search has ended in its execution, and not for what ended an earlier one', () => {
    const ended = {
      execution: 'e',
      reason: 'stop' as const,
      because: 'why',
      seen: { numbers: 8, points: '', budgets: [] },
    };
    expect(reasonToLeave(wave, control, ended, me)).toBe('why');
    expect(reasonToLeave(wave, control, { ...ended, execution: 'd' }, me)).toBeNull();
  });

  test('and otherwise it may', () => {
    expect(reasonToLeave(wave, { ...control, maxParallel: 2 }, null, me)).toBeNull();
  });

  test('in a lane beyond the number that may work at once, where those before it may have their lanes full', () => {
    const packed = { ...me, lanes: 4, inHand: new Set(['0.10', '1.10']) };
    expect(reasonToLeave(wave, { ...control, maxParallel: 7 }, null, packed)).toBeNull();
    expect(reasonToLeave(wave, { ...control, maxParallel: 6 }, null, packed)).not.toBeNull();
  });
});

describe('what an earlier attempt of this child began', () => {
  test('is gone on with in the next generation, before anything else', () => {
    const mine = { number: 5, generations: [1], owner: 'array:1' };
    expect(choose(sweep, view([{ number: 0, generations: [1], owner: 'old:0' }, mine]), me)).toEqual(claimOf(5, 2));
  });

  test('is left to a later attempt', () => {
    const { kind } = choose(sweep, view([{ number: 5, generations: [1], owner: 'array:1', attempt: 3 }]), me);
    expect(kind).toBe('exit');
  });

  test('is trained as it is where this attempt put the claim and never heard of it', () => {
    const mine = { number: 5, generations: [1, 2], owner: 'array:1', attempt: 2 };
    expect(choose(sweep, view([mine]), me)).toEqual({ kind: 'train', claim: { number: 5, epochs: 10, generation: 2 } });
    expect(choose(sweep, view([mine], [5]), me)).toEqual({ kind: 'point', number: 5, epochs: 10 });
  });
});

test('what a child has in its other lanes is no lane to go on with, unless a later attempt has it', () => {
  const packed = { ...me, inHand: new Set(['5.10']) };
  const begun = (attempt: number) => view([{ number: 5, generations: [1], owner: 'array:1', attempt }]);
  expect(choose(sweep, begun(2), packed)).toEqual(claimOf(1, 1));
  expect(choose(sweep, begun(3), packed).kind).toBe('exit');
});

test('the last start of a unit waits for the other lanes of its child, and for a child that has none at work', () => {
  const packed = { ...me, inHand: new Set(['5.10']) };
  const begun = (owner: string) => view([{ number: 2, generations: [1, 2], owner }]);
  expect(choose(sweep, begun('array:1'), packed).kind).toBe('exit');
  expect(choose(sweep, begun('old:0'), packed)).toEqual(claimOf(1, 1));
  for (const owner of ['array:1', 'old:0']) expect(choose(sweep, begun(owner), me)).toEqual(claimOf(2, 3));
});

describe('a unit that was abandoned', () => {
  test('is taken over, where its array has ended or its owner gave it up, and not from one that is at work', () => {
    expect(choose(sweep, view([{ number: 2, generations: [1], owner: 'old:0' }]), me)).toEqual(claimOf(2, 2));
    expect(choose(sweep, view([{ number: 2, generations: [-1], owner: 'array:9' }]), me)).toEqual(claimOf(2, 2));
    expect(choose(sweep, view([{ number: 2, generations: [1], owner: 'array:9' }]), me)).toEqual(claimOf(1, 1));
  });

  test('is not taken over once it has a result', () => {
    const ended = { number: 2, generations: [1], owner: 'old:0', value: 0.5 };
    expect(choose(sweep, view([ended]), me)).toEqual(claimOf(1, 1));
  });

  test('is looked for from the index on, so that children take different ones', () => {
    const abandoned = [2, 3, 4].map((number) => ({ number, generations: [1], owner: 'old:0' }));
    const chosen = [0, 1, 2, 3].map((index) => choose(sweep, view(abandoned), { ...me, index }));
    expect(chosen).toEqual([claimOf(2, 2), claimOf(3, 2), claimOf(4, 2), claimOf(2, 2)]);
  });

  test('has failed after as many starts as attempts, those that were given up left out', () => {
    const of = (generations: readonly number[]) => [{ number: 2, generations, owner: 'old:0' }];
    expect(choose(sweep, view(of([1, 2, 3])), me)).toEqual({
      kind: 'fail',
      unit: { number: 2, epochs: 10 },
      starts: 3,
    });
    expect(choose(sweep, view(of([1, -2, 3])), me)).toEqual(claimOf(2, 4));
    expect(choose(sweep, view(of([1, 2, 3]), [2]), me).kind).toBe('point');
  });
});

describe('a number that nobody has', () => {
  test('is the lowest of every Wth from the index on, then the lowest of all', () => {
    const taken = (...numbers: number[]) =>
      view(numbers.map((number) => ({ number, generations: [1], owner: 'array:9' })));
    expect(choose(sweep, taken(), me)).toEqual(claimOf(1, 1));
    expect(choose(sweep, taken(1), me)).toEqual(claimOf(5, 1));
    expect(choose(sweep, taken(0, 1, 5), me)).toEqual(claimOf(2, 1));
  });

  test('is missing in the end', () => {
    const all = Array.from({ length: 8 }, (_, number) => ({ number, generations: [1], owner: 'array:9' }));
    expect(choose(sweep, view(all), me).kind).toBe('exit');
  });
});

test('a wave is closed once, by a child with few attempts left or the first one that finds the sweep paused', () => {
  const late = { ...me, attempt: 8 };
  expect(reasonToClose(wave, control, me)).toBeNull();
  expect(reasonToClose(wave, control, late)).toBe('attempts');
  expect(reasonToClose(wave, { ...control, paused: true }, me)).toBe('paused');
  expect(reasonToClose({ ...wave, closed: 'paused' }, control, late)).toBeNull();
  expect(reasonToClose({ ...wave, wave: 4 }, control, late)).toBeNull();
});
