/**
 * Text about a person that others see, as the person writes it: brought into one form, or refused.
 */
import { Schema, SchemaTransformation } from "effect"
import { DisplayName } from "./DisplayName.ts"
import { ProfileLine } from "./Identity.ts"
import { isClean, isNameable, looksLikeWallet, unified } from "./VisibleText.ts"

/** A name as a person chooses it. */
export const ChosenName = Schema.String.check(Schema.isMaxLength(400)).pipe(
  Schema.decodeTo(
    DisplayName.check(Schema.makeFilter(isNameable, {
      expected: "a name of visible characters that is neither like an address nor reserved"
    })),
    SchemaTransformation.transform({ decode: unified, encode: (name: string) => name })
  )
)

/** A line about work as a person writes it; empty to take it away. */
export const ChosenLine = Schema.String.check(Schema.isMaxLength(400)).pipe(
  Schema.decodeTo(
    ProfileLine.check(Schema.makeFilter((text: string) => isClean(text) && !looksLikeWallet(text), {
      expected: "a line of visible characters that is not like an address"
    })),
    SchemaTransformation.transform({ decode: unified, encode: (line: string) => line })
  )
)
