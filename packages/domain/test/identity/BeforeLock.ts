/**
 * The moment between the check of a right and the lock of its users, in which a test acts.
 */
import { MemoryIdentity } from "@dchat/adapters/memory"
import { IdentityRepository } from "@dchat/domain/identity"
import { Context, Effect, Layer } from "effect"
import { identityTestServices } from "./IdentityTestLayer.ts"

export class BeforeLock extends Context.Service<BeforeLock, {
  /** Runs this once, just before users are locked the next time. */
  readonly next: (intruding: Effect.Effect<void>) => Effect.Effect<void>
}>()("test/BeforeLock") {}

const intruded = Layer.effectContext(Effect.gen(function*() {
  const repository: Context.Service.Shape<typeof IdentityRepository> = yield* IdentityRepository
  const waiting: Array<Effect.Effect<void>> = []
  const intrude = Effect.suspend(() => waiting.shift() ?? Effect.void)
  return Context.make(BeforeLock, { next: (intruding) => Effect.sync(() => void waiting.push(intruding)) }).pipe(
    Context.add(IdentityRepository, {
      ...repository,
      change: (ids, decide) => Effect.andThen(intrude, repository.change(ids, decide))
    })
  )
}))

/** As `identityTestLayer`, with such moments. */
export const beforeLockLayer = Layer.provideMerge(
  identityTestServices(),
  Layer.provideMerge(intruded, MemoryIdentity.layer)
)
