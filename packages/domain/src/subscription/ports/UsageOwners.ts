/**
 * Port: finds the user for whom usage is counted.
 */
import { Context, type Effect, type Option } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"

export class UsageOwners extends Context.Service<UsageOwners, {
  /** The user with this id, or the user into whom this user was merged. None if there is no such user, or if deleted. */
  find(userId: UserId): Effect.Effect<Option.Option<UserId>>
}>()("@dchat/domain/subscription/UsageOwners") {}
