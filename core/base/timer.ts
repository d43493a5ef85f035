/** The longest that setTimeout takes, in milliseconds (2^31 - 1, 24.8 days); anything above fires at once. */
export const MAX_TIMER_MS = 2_147_483_647;
