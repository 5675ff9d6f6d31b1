/**
 * The lifetimes of sessions. An embedding application may choose others.
 */
import { Context, Duration } from "effect"

export class SessionLifetimes extends Context.Reference<{
  /** Time without use after which a session ends. */
  readonly idle: Duration.Duration
  /** Time after sign-in after which a session ends in any case. */
  readonly absolute: Duration.Duration
}>("@dchat/domain/identity/SessionLifetimes", {
  defaultValue: () => ({ idle: Duration.days(7), absolute: Duration.days(30) })
}) {}
