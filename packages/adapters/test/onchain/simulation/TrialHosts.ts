/**
 * Two hosts that read one simulated chain, on one ledger and one repository of accounts in memory. A host may stop between
 * any two steps.
 */
import {
  MemoryChainLedger,
  MemoryQuotedPayments,
  MemorySubscriptionBus,
  MemorySubscriptionRepository
} from "@dchat/adapters/memory"
import type { UserId, WalletAddress } from "@dchat/domain/identity"
import {
  type Chain,
  type ChainEndpoint,
  ChainLedger,
  ChainNodes,
  Chains,
  ChainScanner,
  type ExposureBudget,
  LinkedWallets,
  OnchainQuoting,
  PaymentInbox,
  PriceOracle,
  type QuotedPayments,
  TokenMemberships,
  TransferAttribution
} from "@dchat/domain/onchain"
import {
  type BillingAccount,
  makeBillingAccountSteps,
  SubscriptionClock,
  SubscriptionRepository,
  WalletPayments
} from "@dchat/domain/subscription"
import { Context, Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"

export interface Surroundings {
  readonly chain: Chain
  readonly endpoints: ReadonlyArray<ChainEndpoint>
  readonly owners: ReadonlyMap<WalletAddress, UserId>
  readonly budget: ExposureBudget
  /** Runs before each step of a host in its stores. */
  readonly before: Effect.Effect<void>
}

/** The value of a cent in the smallest unit of the native currency. */
export const nativePerCent = 10n ** 13n

/** The service with an effect before each of its methods. */
const stepwise = <A extends object>(service: A, before: Effect.Effect<void>): A =>
  new Proxy(service, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name)
      return typeof member === "function"
        ? (...args: ReadonlyArray<unknown>) => {
          const answer: unknown = Reflect.apply(member, target, args)
          return Effect.isEffect(answer) ? Effect.andThen(before, answer) : answer
        }
        : member
    }
  })

const wallets = (owners: Surroundings["owners"]) =>
  Layer.succeed(LinkedWallets, {
    of: (userId) =>
      Effect.succeed(
        [...owners].filter(([, owner]) => owner === userId).map(([address], index) => ({
          address,
          isPrimary: index === 0
        }))
      ),
    ownerOf: (_, address) => Effect.succeed(owners.get(address))
  })

const oracle = Layer.succeed(PriceOracle, {
  nativeAmount: (_, { minorUnits }) => Effect.succeed(minorUnits * nativePerCent)
})

const hostOver = (
  { before, budget }: Surroundings,
  stores: Context.Context<
    | ChainLedger
    | SubscriptionRepository
    | QuotedPayments
    | Chains
    | ChainNodes
    | LinkedWallets
    | SecureRandom.SecureRandom
  >
) => {
  const own = Context.add(
    Context.add(stores, ChainLedger, stepwise(Context.get(stores, ChainLedger), before)),
    SubscriptionRepository,
    stepwise(Context.get(stores, SubscriptionRepository), before)
  )
  return Layer.build(
    Layer.fresh(ChainScanner.layer).pipe(
      Layer.provide(Layer.fresh(TransferAttribution.layer(budget))),
      Layer.provide(Layer.fresh(TokenMemberships.layer)),
      Layer.provide([Layer.succeedContext(own), MemorySubscriptionBus.layer])
    )
  ).pipe(Effect.map((built) => Context.get(built, ChainScanner)))
}

export const startHosts = Effect.fnUntraced(function*(surroundings: Surroundings) {
  const { budget, chain, endpoints, owners } = surroundings
  const stores = yield* Layer.build(
    Layer.mergeAll(
      MemoryChainLedger.layer,
      MemoryQuotedPayments.layer.pipe(Layer.provideMerge(MemorySubscriptionRepository.layer)),
      Chains.layer([chain]),
      Layer.succeed(ChainNodes, { endpoints: () => endpoints }),
      wallets(owners),
      oracle,
      SecureRandom.layerWebCrypto,
      MemorySubscriptionBus.layer
    )
  )
  const services = yield* Layer.build(
    Layer.mergeAll(
      WalletPayments.layer.pipe(Layer.provide(OnchainQuoting.layer)),
      SubscriptionClock.layer,
      PaymentInbox.layer.pipe(Layer.provide(TransferAttribution.layer(budget)))
    ).pipe(Layer.provide(Layer.succeedContext(stores)))
  )
  const steps = yield* Effect.provideContext(makeBillingAccountSteps, stores)
  const repository = Context.get(stores, SubscriptionRepository)
  return {
    scanners: [yield* hostOver(surroundings, stores), yield* hostOver(surroundings, stores)] as const,
    ledger: Context.get(stores, ChainLedger),
    repository,
    perform: steps.perform,
    wallets: Context.get(services, WalletPayments),
    clock: Context.get(services, SubscriptionClock),
    inbox: Context.get(services, PaymentInbox),
    accounts: Effect.forEach(
      new Set(owners.values()),
      (userId): Effect.Effect<BillingAccount> => repository.load(userId)
    )
  }
})

export type TrialHosts = Effect.Success<ReturnType<typeof startHosts>>
