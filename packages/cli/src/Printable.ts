/**
 * Makes a foreign text safe for a terminal: removes characters that move the cursor or hide text.
 */

/** Replaces control characters, direction marks and invisible characters by `?`. */
export const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, "?")
