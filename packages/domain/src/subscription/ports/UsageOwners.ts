/**
 * Port: the people whose usage is counted.
 */
import { Context, type Effect, type Option } from "effect"
import type { UserId } from "../../identity/model/UserId.ts"

export class UsageOwners extends Context.Service<UsageOwners, {
  /** The person of this id, who may be disabled, or whom they have become by a merge. None: no such person, or deleted. */
  find(userId: UserId): Effect.Effect<Option.Option<UserId>>
}>()("@dchat/domain/subscription/UsageOwners") {}
