/**
 * How long sessions last. Whoever embeds them may choose otherwise.
 */
import { Context, Duration } from "effect"

export class SessionLifetimes extends Context.Reference<{
  /** It ends when it is unused for this long, */
  readonly idle: Duration.Duration
  /** and in any case this long after signing in. */
  readonly absolute: Duration.Duration
}>("@dchat/domain/identity/SessionLifetimes", {
  defaultValue: () => ({ idle: Duration.days(7), absolute: Duration.days(30) })
}) {}
