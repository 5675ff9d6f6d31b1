/**
 * Detects secrets that an attacker could guess.
 */
import { Array } from "effect"

const shortest = 32
/**
 * The minimum number of different characters. Only one in 27 million random texts of 32 hexadecimal digits has fewer.
 */
const fewestDifferent = 8

/** Placeholders that configuration files contain instead of a secret. */
const placeholder =
  /(?:change|replace)[-_ ]?(?:me|it|this)|default|example|insecure|password|placeholder|secret|123456789|abcdefgh/i

/** Whether the text is a beginning of something written again and again. */
const isRepetition = (text: string): boolean =>
  Array.range(1, Math.floor(text.length / 2)).some((period) => text.startsWith(text.slice(period)))

/** The fault of an unfit secret. No rule refuses a secret that was generated at random. */
export const faultOf = (text: string): string | undefined => {
  if (text.length < shortest) return `has fewer than ${shortest} characters`
  if (placeholder.test(text)) return "looks like a placeholder"
  if (isRepetition(text)) return "repeats itself"
  if (new Set(text).size < fewestDifferent) return "has too few different characters"
  return undefined
}
