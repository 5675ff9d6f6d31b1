/**
 * Which tokens still open something, and what is told about it.
 */
import { IdentityBus, Sessions } from "@dchat/domain/identity"
import { Effect, type Option, Queue, type Redacted } from "effect"

export const isAccepted = (token: Redacted.Redacted<string>) =>
  Effect.flatMap(Sessions, (sessions) => Effect.isSuccess(sessions.authenticate(token)))

/** The notices that came in during an effect. */
export const noticesDuring = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.gen(function*() {
    const notices = yield* (yield* IdentityBus).subscribe
    const result = yield* effect
    return { result, notices: yield* Queue.clear(notices) }
  }))

/** The value, which the test requires. */
export const unwrap = <A>(option: Option.Option<A>) => Effect.orDie(Effect.fromOption(option))
