/**
 * The flags for the administrator and the reason of a change. Both are stored with the change.
 */
import { AuditCause } from "@dchat/domain/identity"
import { Effect, Schema } from "effect"
import { Flag } from "effect/cli"
import { userInfo } from "node:os"

const { actor, reason } = AuditCause.cases.Admin.fields

const filled = Schema.Trim.check(Schema.isNonEmpty())

/** The name of the user who runs the command. Systems without names, such as some containers, give a number. */
const systemUser = Effect.sync(() => {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.()}`
  }
})

export const administratorFlags = {
  reason: Flag.String("reason").pipe(
    Flag.withDescription("The reason, stored with the change"),
    Flag.withSchema(filled.pipe(Schema.decodeTo(reason)))
  ),
  actor: Flag.String("actor").pipe(
    Flag.withDescription("The administrator, stored with the change; defaults to the user of the operating system"),
    Flag.withSchema(filled.pipe(Schema.decodeTo(actor))),
    Flag.withDefault(systemUser)
  )
}
