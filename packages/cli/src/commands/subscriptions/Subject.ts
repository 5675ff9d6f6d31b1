/**
 * Whose subscription a command is about.
 */
import { UserId } from "@dchat/domain/identity"
import { Argument } from "effect/cli"

export const subject = Argument.String("user").pipe(
  Argument.withDescription("Id of the user"),
  Argument.withSchema(UserId)
)
