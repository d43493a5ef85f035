import { show } from '../base/text.ts';
import { isTooSmall, shareKept } from '../space/completion.ts';
import { constraintOf } from '../space/constraints.ts';
import { buildSpace, type Space } from '../space/space.ts';
import type { AddProblem } from './problems.ts';
import type { ParsedSpec } from './spec.ts';

/** Each constraint by itself, in a space that was checked. */
export function checkConstraints({ space, constraints = [] }: ParsedSpec['search'], addProblem: AddProblem): void {
  constraints.forEach((text, index) => {
    const found = constraintOf(text, space);
    if ('problem' in found)
      addProblem(`search.constraints[${index}]`, `received ${show(text)}, which ${found.problem}`);
  });
}

/** Whether the constraints leave enough of the space to search. */
export function checkSpaceLeft(search: ParsedSpec['search'], space: Space, addProblem: AddProblem): void {
  if (space.constraints.length === 0) return;
  if (space.size === 0) {
    const before = buildSpace(search.space).size;
    addProblem(
      'search.constraints',
      `leave none of the ${before.toLocaleString('en-US')} points of the space; loosen one, or change the values`,
    );
  } else if (space.size === Number.POSITIVE_INFINITY) {
    const share = shareKept(space);
    if (isTooSmall(share))
      addProblem(
        'search.constraints',
        `leave next to nothing of the space: ${share.kept} of ${share.drawn.toLocaleString('en-US')} points drawn from it; loosen one, or narrow the ranges to what the constraints leave`,
      );
  }
}
