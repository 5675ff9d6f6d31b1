/**
 * The state that the repositories of users share in memory.
 */
import type { AuditEvent, Identity, UserId } from "@dchat/domain/identity"
import { Context, Layer } from "effect"

export class MemoryIdentityStore extends Context.Service<MemoryIdentityStore, {
  readonly identities: Map<UserId, Identity>
  readonly activity: Map<UserId, ReadonlyArray<AuditEvent>>
}>()("@dchat/adapters/memory/MemoryIdentityStore") {
  static readonly layer = Layer.sync(MemoryIdentityStore, () => ({ identities: new Map(), activity: new Map() }))
}
