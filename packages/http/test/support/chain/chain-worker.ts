/**
 * A process of its own that reads a chain once, and ends. Its one argument holds its settings.
 */
import { IdentityLinkedWallets } from "@dchat/adapters/bridges"
import { MemorySubscriptionBus } from "@dchat/adapters/memory"
import { PgIdentity, PgOnchain, PgSubscriptionRepository } from "@dchat/adapters/postgres"
import { EvmNodes } from "@dchat/adapters/viem"
import { Chain, Chains, ChainScanner, TokenMemberships, TransferAttribution } from "@dchat/domain/onchain"
import { AdjustableClock } from "@dchat/doubles/stripe"
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { PgClient } from "@effect/sql-pg"
import { Effect, Layer, Schema } from "effect"
import { flushCompileCache } from "node:module"
import type { ChainWork } from "./ChainWorker.ts"

// A killed process keeps nothing of what Node has compiled, unless it is written before.
flushCompileCache()

const work = JSON.parse(process.argv[2] ?? "{}") as ChainWork
const chain = Schema.decodeUnknownSync(Schema.toCodecJson(Chain))(work.chain)
const usd = (minorUnits: bigint) => ({ currency: "USD", minorUnits })

const scanner = ChainScanner.layer.pipe(
  Layer.provide([
    TransferAttribution.layer({ installation: usd(1_000_00n), user: usd(50_00n) }),
    TokenMemberships.layer
  ]),
  Layer.provide([
    Chains.layer([chain]),
    IdentityLinkedWallets.layer,
    EvmNodes.layer([{ chain, rpcUrls: work.rpcUrls }])
  ]),
  Layer.provide([PgOnchain.layer, PgSubscriptionRepository.layer, PgIdentity.layer, MemorySubscriptionBus.layer]),
  Layer.provide([NodeCrypto.layerSecureRandom, NodeCrypto.layerDigest]),
  Layer.provide(PgClient.layer(work.database)),
  Layer.provideMerge(AdjustableClock.make(work.now, true).layer)
)

ChainScanner.use(({ scan }) => scan(chain.chainId)).pipe(
  Effect.andThen((outcome) => Effect.sync(() => process.exitCode = outcome._tag === "read" ? 0 : 3)),
  Effect.provide(scanner),
  NodeRuntime.runMain
)
