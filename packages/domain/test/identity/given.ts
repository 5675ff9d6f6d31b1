/**
 * Users in `given(identity).when(command).yields(events)`.
 */
import {
  decide,
  evolve,
  type Identity,
  type IdentityCommand,
  type IdentityEvent,
  type IdentityRefusalOf,
  type KnownUserCommand,
  register,
  start
} from "@dchat/domain/identity"
import { assert } from "@effect/vitest"
import { type DateTime, Result } from "effect"
import { Given, type Rules } from "../support/given.ts"
import { after } from "./identities.ts"

/** The time of the commands. */
export const now: DateTime.Utc = after("1 hour")

type Refusal = IdentityRefusalOf<KnownUserCommand>

const decided = (
  command: IdentityCommand,
  identity: Identity | undefined,
  at: DateTime.Utc
): Result.Result<ReadonlyArray<IdentityEvent>, Refusal> =>
  command._tag === "RegisterByWallet" || command._tag === "RegisterByAccount"
    ? Result.succeed(register(command, at))
    : decide(command, identity ?? assert.fail("nobody has registered"), at)

const rules: Rules<Identity, IdentityCommand, IdentityEvent, Refusal> = {
  decide: (command, identity, at) =>
    Result.map(decided(command, identity, at), (events) => ({
      events: events.map((event) => ({ event, at })),
      instructions: []
    })),
  evolve: (identity, event, at) => {
    if (identity !== undefined) return evolve(identity, event, at)
    return event._tag === "Registered" ? start(event, at) : assert.fail("nobody has registered")
  }
}

/** A user in this state, or no user yet. */
export const given = (identity?: Identity) => new Given(rules, identity, now)
