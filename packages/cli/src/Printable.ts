/**
 * Text that others wrote, as a terminal may show it: without what would move its cursor or hide what is there.
 */

/** Control characters and those that change the direction or are not to be seen become `?`. */
export const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, "?")
