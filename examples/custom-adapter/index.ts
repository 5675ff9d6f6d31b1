/**
 * The services of subscriptions over the application's own repository of usage; all other ports are ours.
 */
import { MemorySubscriptions } from "@dchat/adapters/memory"
import { UserId } from "@dchat/domain/identity"
import { Catalogue, defaultPlans, Entitlements, Usage, UsageOwners } from "@dchat/domain/subscription"
import { Console, Effect, Layer, Option } from "effect"
import { Digest } from "effect/crypto"
import * as SqliteUsageRepository from "./SqliteUsageRepository.ts"

// The later of two layers for one port wins.
const Ports = Layer.mergeAll(
  MemorySubscriptions.layer,
  SqliteUsageRepository.layer(process.env["USAGE_FILE"] ?? "usage.db"),
  Layer.succeed(UsageOwners, { find: (userId) => Effect.succeed(Option.some(userId)) }),
  Layer.succeed(Catalogue, defaultPlans),
  Digest.layerWebCrypto
)

const Application = Usage.layer.pipe(Layer.provide(Entitlements.layer), Layer.provide(Ports))

const program = Effect.gen(function*() {
  const ann = UserId.make("01900000-0000-7000-8000-00000000000a")
  const usage = yield* Usage
  yield* usage.consume(ann, { feature: "storageBytes", amount: 1024, key: `upload ${process.pid}` })
  const [storage] = yield* usage.of(ann)
  yield* Console.log(`${storage?.used} bytes are held`)
})

await Effect.runPromise(program.pipe(Effect.provide(Application)))
