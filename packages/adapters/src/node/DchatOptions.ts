/**
 * The options of a dchat that an application opens in its own process.
 */
import type { CallTimeouts } from "@dchat/domain/call"
import type { Plans } from "@dchat/domain/subscription"

/** An account at Stripe. */
export interface StripeOptions {
  /** The secret key of the API, `sk_...` or `rk_...`. */
  readonly secretKey: string
  /** The signing secrets of the webhook endpoint, `whsec_...`; two while one replaces the other. */
  readonly webhookSecrets: ReadonlyArray<string>
  /** The page to which Stripe leads users back after they paid. */
  readonly returnTo: string
  /** Another origin of Stripe's API, for tests. */
  readonly apiBase?: string | undefined
}

/** The users of an application that stores its users itself. */
export interface ApplicationUsers {
  /** Returns the ids, among these, of users who can be called. */
  known(ids: ReadonlyArray<string>): Promise<Iterable<string>>
}

export interface DchatOptions {
  /**
   * The URL of a PostgreSQL database (15 or newer), whose schema is brought up to date; or a directory for an embedded
   * PostgreSQL; or `"memory"`, where nothing outlives the process.
   */
  readonly database: string | { readonly directory: string }
  /**
   * The users who can be called. `"any"`: every id, because the application checks its users before it names them.
   * `"dchat"`: users who signed in at a dchat host of the same database.
   *
   * @default "any"
   */
  readonly users?: "any" | "dchat" | ApplicationUsers | undefined
  /** The plans that can be bought, the free one first. */
  readonly plans?: Plans | undefined
  /** The account at Stripe. Without this option, users cannot pay by card. The option needs a database. */
  readonly stripe?: StripeOptions | undefined
  /** Timers of calls, in seconds, where they differ from the defaults. */
  readonly timeouts?: Partial<CallTimeouts> | undefined
  /**
   * Days for which ended calls are kept at least; whole calendar months (UTC) are forgotten.
   *
   * @default for ever
   */
  readonly callRetentionDays?: number | undefined
  /** Called when an embedded PostgreSQL has ended and cannot be started again. dchat does not work after that. */
  readonly onDatabaseLost?: (() => void) | undefined
}
