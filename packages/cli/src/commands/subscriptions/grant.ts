/**
 * `dchat subscriptions grant` and `revoke`: give a user a plan, and revoke it.
 */
import { StorableTime } from "@dchat/domain/storable"
import { GrantId, SubscriptionAdministration, Tier } from "@dchat/domain/subscription"
import { Console, DateTime, Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { administratorFlags } from "../../AdministratorFlags.ts"
import { refuse } from "../../Refusal.ts"
import { requireUser, subject } from "./Subject.ts"

export const grant = Command.make(
  "grant",
  {
    user: subject,
    tier: Argument.String("tier").pipe(Argument.withDescription("The tier, such as PRO"), Argument.withSchema(Tier)),
    until: Flag.String("until").pipe(
      Flag.withDescription("The end of the grant, such as 2027-01-31T00:00:00Z; defaults to no end"),
      Flag.withSchema(StorableTime),
      Flag.optional
    ),
    ...administratorFlags
  },
  Effect.fn(function*({ actor, reason, tier, until, user }) {
    yield* requireUser(user)
    const administration = yield* SubscriptionAdministration
    const what = { tier, until: Option.getOrUndefined(until) }
    const { id } = yield* administration.grant(user, what, { actor, reason })
    const end = Option.match(until, { onNone: () => "", onSome: (at) => ` until ${DateTime.formatIso(at)}` })
    yield* Console.log(`${user} has ${tier}${end}. The grant is ${id}.`)
  }, (effect) => Effect.catch(effect, ({ message }) => refuse(`Not granted: ${message}.`)))
).pipe(Command.withDescription("Grant a plan to a user"))

export const revoke = Command.make(
  "revoke",
  {
    user: subject,
    grant: Argument.String("grant").pipe(Argument.withDescription("Id of the grant"), Argument.withSchema(GrantId)),
    ...administratorFlags
  },
  Effect.fn(function*({ actor, grant, reason, user }) {
    const administration = yield* SubscriptionAdministration
    yield* administration.revokeGrant(user, grant, { actor, reason })
    yield* Console.log(`The grant ${grant} is revoked.`)
  }, (effect) => Effect.catch(effect, ({ message }) => refuse(`Not revoked: ${message}.`)))
).pipe(Command.withDescription("Revoke a grant"))
