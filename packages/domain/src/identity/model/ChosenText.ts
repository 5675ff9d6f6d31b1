/**
 * Public text that a user writes about the user: normalized, or refused.
 */
import { Schema, SchemaTransformation } from "effect"
import { DisplayName } from "./DisplayName.ts"
import { ProfileLine } from "./Identity.ts"
import { isClean, isNameable, looksLikeWallet, unified } from "./VisibleText.ts"

/** A name that a user chooses. */
export const ChosenName = Schema.String.check(Schema.isMaxLength(400)).pipe(
  Schema.decodeTo(
    DisplayName.check(Schema.makeFilter(isNameable, {
      expected: "a name of visible characters that is neither like an address nor reserved"
    })),
    SchemaTransformation.transform({ decode: unified, encode: (name: string) => name })
  )
)

/** A line about work that a user writes. An empty text removes the line. */
export const ChosenLine = Schema.String.check(Schema.isMaxLength(400)).pipe(
  Schema.decodeTo(
    ProfileLine.check(Schema.makeFilter((text: string) => isClean(text) && !looksLikeWallet(text), {
      expected: "a line of visible characters that is not like an address"
    })),
    SchemaTransformation.transform({ decode: unified, encode: (line: string) => line })
  )
)
