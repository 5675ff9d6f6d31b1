/**
 * The name under which others see a user.
 */
import { Schema } from "effect"
import { cleaned, isNameable } from "./VisibleText.ts"
import type { WalletAddress } from "./WalletAddress.ts"

/**
 * The stored form of names: 1 to 80 UTF-16 units without leading or trailing space, control characters or line breaks.
 * `ChosenName` is narrower.
 */
export const DisplayName = Schema.String.check(
  Schema.isTrimmed(),
  Schema.isMinLength(1),
  Schema.isMaxLength(80),
  Schema.isPattern(/^[^\p{Cc}\p{Cs}\u2028\u2029]*$/u)
).pipe(Schema.brand("DisplayName"))
export type DisplayName = typeof DisplayName.Type

/** The name of a user who has chosen none: the first and last four digits of the wallet, `0x12ab…cd34`. */
export const displayNameOf = (address: WalletAddress): DisplayName =>
  DisplayName.make(`${address.slice(0, 6)}…${address.slice(-4)}`)

/**
 * The form in which names are searched: compatibility forms unified (NFKC), letter case removed. Stores keep this form
 * beside the name, because databases differ in their definition of lower case.
 */
export const searchForm = (text: string): string => text.normalize("NFKC").toLowerCase().replaceAll("\0", "").trim()

/** The name of a user whose proof contained no name. */
export const unnamed = DisplayName.make("Somebody")

/** The name of a deleted user. */
export const deletedName = DisplayName.make("Deleted user")

/**
 * The name of a user who was merged into another user. All data of the merged user, with the name, belongs to the
 * survivor.
 */
export const mergedName = DisplayName.make("Merged user")

/** The LinkedIn name, shortened and cleaned to a valid name; `Somebody` if no valid name remains. */
export const displayNameOfProfile = (name: string): DisplayName => {
  const letters = [...cleaned(name)]
  while (letters.join("").length > 80) letters.pop()
  const cut = letters.join("").trim()
  return isNameable(cut) ? DisplayName.make(cut) : unnamed
}
