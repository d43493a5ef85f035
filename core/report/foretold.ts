/** A model of the results that foretells less of their variation says nothing of what does not matter. */
export const FORETOLD = 0.5;
