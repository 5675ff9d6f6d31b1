/**
 * Port: the users who can be called, and the earlier ids of a user.
 */
import { Context, type Effect } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"

export class CallDirectory extends Context.Service<CallDirectory, {
  /** The ids among these that belong to users who can be called. */
  known(users: ReadonlyArray<UserId>): Effect.Effect<ReadonlySet<UserId>>
  /** This user, and every user merged into this user. Actions of the merged users count as actions of this user. */
  aliases(user: UserId): Effect.Effect<ReadonlyArray<UserId>>
}>()("@dchat/domain/call/CallDirectory") {}
