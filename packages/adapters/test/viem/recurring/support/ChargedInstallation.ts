/**
 * An installation that charges renewals on a simulated chain: hosts in memory, one subscriber, and a proxy in front of
 * the node.
 */
import { Cryptography } from "@dchat/adapters/crypto"
import {
  MemoryChainLedger,
  MemoryChargeJournal,
  MemoryQuotedPayments,
  MemorySubscriptions
} from "@dchat/adapters/memory"
import { EvmNodes, ViemRecurringAuthorization } from "@dchat/adapters/viem"
import { ChainId, UserId, type WalletAddress } from "@dchat/domain/identity"
import {
  type AuthorizationWish,
  type Chain,
  Chains,
  ChainScanner,
  ChargeJournal,
  LinkedWallets,
  OnchainQuoting,
  OperatorTransactions,
  PriceOracle,
  RecurringAuthorization,
  RecurringCharging,
  RenewalAuthorizations,
  TokenMemberships,
  TransferAttribution
} from "@dchat/domain/onchain"
import {
  accountAt,
  ExternalId,
  makeBillingAccountSteps,
  PaymentId,
  PriceUnavailable,
  PurchaseId,
  type SubscriptionCommand,
  type SubscriptionCommandOf,
  type SubscriptionEvent,
  SubscriptionRepository,
  WalletPayments
} from "@dchat/domain/subscription"
import { ChainDouble, RpcProxy } from "@dchat/doubles/chain"
import { assert } from "@effect/vitest"
import { Context, DateTime, Effect, Layer, Redacted } from "effect"
import { SecureRandom } from "effect/crypto"
import { TestClock } from "effect/testing"
import { type Address, bytesToHex } from "viem"
import { mnemonicToAccount } from "viem/accounts"
import { proMonthly, start } from "../../../../../domain/src/contracts/support/subscriptionFixtures.ts"
import { addressOf, newAccount } from "../../endpoint/support/Payments.ts"

/** The end of the first period. */
export const monthOne = DateTime.makeUnsafe("2027-02-28T10:00:00.000Z")

/** The price of a month in base units of a token with 6 decimals. */
export const price = 4_990_000n

const operator = mnemonicToAccount("test test test test test test test test test test test junk", { addressIndex: 9 })
const operatorKey = bytesToHex(operator.getHdKey().privateKey ?? assert.fail("the operator has no key"))

const usd = (minorUnits: bigint) => ({ currency: "USD", minorUnits })

const secondsOf = (at: DateTime.Utc) => Math.floor(at.epochMilliseconds / 1000)

/** Starts a chain with one active subscription, whose first period begins now. */
export const install = Effect.gen(function*() {
  yield* TestClock.setTime(start.epochMilliseconds)
  const double = yield* ChainDouble.start({ mining: "on-demand", genesis: secondsOf(start) - 3600 })
  const proxy = yield* RpcProxy.start(double)
  const { contracts } = double
  const payer = double.accounts[1] ?? assert.fail("the chain has no accounts")
  const recipient = newAccount().address
  const asset = (of: { readonly address: Address }, symbol: string) => ({
    token: addressOf(of.address),
    symbol,
    decimals: 6
  })
  const chain: Chain = {
    chainId: ChainId.make(double.chainId),
    name: "Test chain",
    tokens: [asset(contracts.usdc, "USDC"), asset(contracts.usdt, "USDT")],
    recipient: addressOf(recipient),
    provisionalAt: { blocks: 1 },
    settledAt: { blocks: 2 },
    finalAt: { blocks: 3 },
    maxRange: 1000,
    memberships: []
  }
  const { chainId } = chain
  const userId = UserId.make(SecureRandom.uuidV7Unsafe())
  const purchaseId = PurchaseId.make(SecureRandom.uuidV7Unsafe())
  const owners = new Map<WalletAddress, UserId>([[addressOf(payer.address), userId]])

  const wallets = Layer.succeed(LinkedWallets, {
    of: (of) =>
      Effect.sync(() => [...owners].flatMap(([address, owner]) => owner === of ? [{ address, isPrimary: true }] : [])),
    ownerOf: (_, address) => Effect.sync(() => owners.get(address))
  })
  const nodes = [{ chain, chainId, rpcUrls: [proxy.url] }]
  const ports = Layer.mergeAll(
    Chains.layer([chain]),
    EvmNodes.layer([{ chain, rpcUrls: [double.url] }]),
    Layer.succeed(PriceOracle, { nativeAmount: () => Effect.fail(new PriceUnavailable()) }),
    MemoryChainLedger.layer,
    MemoryChargeJournal.layer,
    ViemRecurringAuthorization.layer({ key: Redacted.make(operatorKey), chains: nodes, timeout: "2 seconds" }),
    wallets,
    MemoryQuotedPayments.layer.pipe(Layer.provideMerge(MemorySubscriptions.layer))
  )
  const shared = yield* Layer.build(ports)

  /** The services of one more host. */
  const newHost = Effect.map(
    Layer.build(Layer.fresh(
      Layer.mergeAll(ChainScanner.layer, RecurringCharging.layer, RenewalAuthorizations.layer).pipe(
        Layer.provide([
          OperatorTransactions.layer,
          TokenMemberships.layer,
          TransferAttribution.layer({ installation: usd(100_000n), user: usd(10_000n) })
        ]),
        Layer.provideMerge(WalletPayments.layer),
        Layer.provideMerge(OnchainQuoting.layer),
        Layer.provide(Layer.succeedContext(shared))
      )
    )),
    (services) => ({
      authorizations: Context.get(services, RenewalAuthorizations),
      charging: Context.get(services, RecurringCharging),
      payments: Context.get(services, WalletPayments),
      scanner: Context.get(services, ChainScanner)
    })
  ).pipe(Effect.provide(Cryptography))
  const host = yield* newHost
  const repository = Context.get(shared, SubscriptionRepository)
  const journal = Context.get(shared, ChargeJournal)
  const { perform } = yield* Effect.provideContext(makeBillingAccountSteps, shared)

  /** Carries out a command of the user. */
  const act = <Tag extends SubscriptionCommand["_tag"]>(command: SubscriptionCommandOf<Tag>) =>
    Effect.orDie(perform(userId, command, { _tag: "User" }))

  const mine = (blocks = 1) => double.mine(blocks)

  /** The hosts and the chain reach a time. */
  const goTo = Effect.fnUntraced(function*(at: DateTime.Utc) {
    yield* TestClock.setTime(at.epochMilliseconds)
    yield* double.setTime(secondsOf(at))
    yield* mine()
  })

  const account = Effect.gen(function*() {
    return accountAt(yield* repository.load(userId), yield* DateTime.now)
  })
  const subscription = Effect.map(account, ({ subscriptions: [it] }) => it ?? assert.fail("no subscription"))

  const paymentId = PaymentId.make(SecureRandom.uuidV7Unsafe())
  yield* act({ _tag: "Create", purchaseId, paymentId, method: "web3", terms: proMonthly, autoRenew: false })
  yield* act({
    _tag: "PaymentSettled",
    purchaseId,
    payment: {
      id: paymentId,
      externalId: ExternalId.make("first-payment"),
      kind: "first",
      amount: proMonthly.price,
      paidAt: start,
      refunds: [],
      disputes: []
    }
  })
  yield* double.mint(contracts.usdc, payer.address, 100n * price)
  yield* double.mint(contracts.usdt, payer.address, 100n * price)
  yield* goTo(DateTime.add(start, { hours: 1 }))
  yield* host.scanner.scan(chainId)

  const balanceOf = (owner: Address, token: { readonly address: Address } = contracts.usdc) =>
    Effect.promise(() =>
      double.client.readContract({
        address: token.address,
        abi: contracts.dai.abi,
        functionName: "balanceOf",
        args: [owner]
      })
    )

  return {
    ...host,
    account,
    act,
    balanceOf,
    chain,
    double,
    events: Effect.map(
      repository.events(userId, { limit: 100 }),
      (records): ReadonlyArray<SubscriptionEvent> => records.map(({ event }) => event).toReversed()
    ),
    goTo,
    journal,
    mine,
    newHost,
    operator,
    owners,
    payer,
    proxy,
    purchaseId,
    /** The user asks for a quote, to pay by hand. */
    quote: (id: PaymentId) =>
      host.payments.quote(userId, id, {
        chainId,
        asset: addressOf(contracts.usdc.address),
        payer: addressOf(payer.address)
      }),
    recipient,
    /** How many transactions of the charging account the chain has. */
    sent: Effect.promise(() => double.client.getTransactionCount({ address: operator.address })),
    /** Puts the charge into a final block, and lets the host find that out. */
    settle: Effect.gen(function*() {
      yield* mine(4)
      yield* host.scanner.scan(chainId)
      yield* host.charging.sweep
    }),
    signer: Context.get(shared, RecurringAuthorization),
    subscription,
    transactions: journal.ofPurchase(purchaseId, 100),
    userId,
    wish: (
      kind: AuthorizationWish["kind"] = "allowance",
      token: { readonly address: Address } = contracts.usdc
    ): AuthorizationWish => ({
      kind,
      chainId,
      asset: addressOf(token.address),
      payer: addressOf(payer.address)
    })
  }
}).pipe(Effect.provide(Cryptography))

export type ChargedInstallation = Effect.Success<typeof install>

/** The user sends the transactions of the instructions. */
export const sendGrants = Effect.fnUntraced(function*(
  { authorizations, double, mine, payer, userId }: ChargedInstallation,
  wish: AuthorizationWish,
  periods = 12
) {
  const { transactions } = yield* authorizations.instructions(userId, wish, periods)
  for (const { data, to } of transactions) {
    yield* double.send({ from: payer, to: `0x${to.slice(2)}`, data: `0x${data.slice(2)}` })
  }
  yield* mine()
  return transactions.map(({ purpose }) => purpose)
})

/** The user lets dchat charge by an allowance. */
export const authorized = Effect.fnUntraced(function*(
  installation: ChargedInstallation,
  wish: AuthorizationWish = installation.wish(),
  periods = 12
) {
  yield* sendGrants(installation, wish, periods)
  yield* installation.authorizations.authorize(installation.userId, wish)
})

export const before = (parts: { readonly days?: number; readonly hours?: number; readonly minutes?: number }) =>
  DateTime.subtract(monthOne, parts)
