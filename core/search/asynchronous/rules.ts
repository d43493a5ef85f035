import type { Seen } from '../../layout/asynchronous.ts';

/**
 * The version of the rules by which proposals, promotions and ends follow from what was seen. It goes up whenever one of them
 * comes out otherwise than before, so that `sweep verify` can tell a sweep that another version searched from one that
 * somebody changed. test/recorded/asynchronous.txt changes with it.
 */
export const SEARCH_RULES = 1;

/** By which rules a decision was made; claims of the first ones do not say so. */
export const rulesOf = ({ rules = 1 }: Pick<Seen, 'rules'>): number => rules;
