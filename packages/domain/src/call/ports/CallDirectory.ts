/**
 * Port: which people there are to be called, and who was somebody else before.
 */
import { Context, type Effect } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"

export class CallDirectory extends Context.Service<CallDirectory, {
  /** Those of these ids that belong to people who can be called. */
  known(users: ReadonlyArray<UserId>): Effect.Effect<ReadonlySet<UserId>>
  /** This person, and whoever has become part of them: what these did counts as theirs. */
  aliases(user: UserId): Effect.Effect<ReadonlyArray<UserId>>
}>()("@dchat/domain/call/CallDirectory") {}
