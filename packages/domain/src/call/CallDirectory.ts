/**
 * Port: which people there are to be called.
 */
import { Context, type Effect } from "effect"
import type { UserId } from "../identity/UserId.ts"

export class CallDirectory extends Context.Service<CallDirectory, {
  /** Those of these ids that belong to people who can be called. */
  known(users: ReadonlyArray<UserId>): Effect.Effect<ReadonlySet<UserId>>
}>()("@dchat/domain/call/CallDirectory") {}
