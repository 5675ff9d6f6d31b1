/**
 * Recorded requests, for the contracts of the ports that record them.
 */
import { DateTime } from "effect"
import { type RecordedRequest, retention } from "../../idempotency/index.ts"
import type { UserId } from "../../identity/index.ts"
import { noon } from "./identityFixtures.ts"

/** A request at noon. The request expires after `retention` if `more` states no other time. */
export const requestOf = (userId: UserId, more: Partial<RecordedRequest> = {}): RecordedRequest => ({
  userId,
  operation: "operation",
  key: "key",
  fingerprint: "fingerprint",
  result: "result",
  at: noon,
  expiresAt: DateTime.addDuration(more.at ?? noon, retention),
  ...more
})
