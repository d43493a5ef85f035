import type { Seen } from '../../layout/asynchronous.ts';

/**
 * The version of the rules by which proposals, promotions and ends follow from what was seen. Increase it whenever one of
 * them gives a different result than before, so that `sweep verify` can tell a sweep searched by another version from one
 * that someone changed. test/recorded/asynchronous.txt changes with it.
 */
export const SEARCH_RULES = 1;

/** The rules that made a decision; claims made by the first rules do not name them. */
export const rulesOf = ({ rules = 1 }: Pick<Seen, 'rules'>): number => rules;
