/**
 * Webhook events of the provider: stored at once, and processed afterwards. An event only names a purchase; the state of
 * the purchase is then read from the provider.
 */
import { Context, DateTime, Effect, Layer, Option } from "effect"
import { type ExternalId, type PurchaseId, SubscriptionRepository } from "../subscription/index.ts"
import { BillingProvider, type EventConcern, type SignatureRefused } from "./ports/BillingProvider.ts"
import { SyncRequests } from "./ports/SyncRequests.ts"
import { type ClaimedEvent, WebhookInbox } from "./ports/WebhookInbox.ts"
import { ProviderTrouble, type Trouble } from "./ProviderTrouble.ts"
import { nextAttemptAt } from "./rules/Retrying.ts"

const batch = 40

const concurrency = 8

/** The longest time for one event. */
const limit = "5 seconds"

/** For how many seconds a host holds events: longer than a batch takes. Other hosts take over after that. */
const leaseSeconds = 30

/**
 * After how many attempts (about half a day) an event is given up that names an unknown purchase, or that cannot be read.
 * While the provider does not accept the key, no event is given up.
 */
const maxAttempts = 22

export class Webhooks extends Context.Service<Webhooks, {
  /** Succeeds when the event is stored. */
  receive(body: Uint8Array, signature: string): Effect.Effect<void, SignatureRefused>
  /** Processes a batch of events; returns how many are finished. */
  readonly process: Effect.Effect<number>
}>()("@dchat/domain/billing/Webhooks") {
  static readonly layer = Layer.effect(
    Webhooks,
    Effect.gen(function*() {
      const inbox = yield* WebhookInbox
      const provider = yield* BillingProvider
      const repository = yield* SubscriptionRepository
      const syncs = yield* SyncRequests
      const trouble = yield* ProviderTrouble

      const known = (reference: ExternalId) =>
        Effect.map(repository.purchaseOfMoney(reference), Option.map(({ purchaseId }) => purchaseId))

      const purchaseOfEvent = Effect.fnUntraced(function*({ purchaseId, references }: EventConcern) {
        if (purchaseId !== undefined) return purchaseId
        for (const reference of references) {
          const found = yield* known(reference)
          if (Option.isSome(found)) return found.value
        }
        for (const reference of references) {
          const found = yield* provider.purchaseOf(reference)
          if (Option.isSome(found)) return found.value
        }
        return undefined
      })

      type Outcome = { readonly purchaseId?: PurchaseId; readonly error?: Trouble }

      const lookInto = Effect.fnUntraced(function*({ concern }: ClaimedEvent) {
        if (concern === undefined) return { error: { message: "the event names no readable object" } }
        const purchaseId = yield* purchaseOfEvent(concern)
        if (purchaseId === undefined) return {}
        const owner = yield* repository.ownerOf(purchaseId)
        return Option.isSome(owner) ? { purchaseId } : { error: { message: `purchase ${purchaseId} is not here` } }
      }, (effect) =>
        effect.pipe(
          Effect.timeout(limit),
          Effect.catchDefect((defect) => Effect.succeed<Outcome>({ error: { message: String(defect) } })),
          Effect.catch((error) => Effect.succeed<Outcome>({ error }))
        ))

      const work = Effect.fnUntraced(function*(events: ReadonlyArray<ClaimedEvent>) {
        const outcomes = yield* Effect.forEach(
          events,
          (event) => Effect.map(lookInto(event), (outcome: Outcome) => ({ event, ...outcome })),
          { concurrency }
        )
        const now = yield* DateTime.now
        const ours = outcomes.flatMap(({ event, purchaseId }) =>
          purchaseId === undefined ? [] : [{ event, purchaseId }]
        )
        const foreign = outcomes.filter(({ error, purchaseId }) => error === undefined && purchaseId === undefined)
        // Request the syncs first: if the host dies in between, the events are processed again and request the same.
        yield* syncs.request([...new Set(ours.map(({ purchaseId }) => purchaseId))], now)
        yield* inbox.finish(ours.map(({ event: { externalId }, purchaseId }) => ({ externalId, purchaseId })), now)
        yield* inbox.finish(foreign.map(({ event: { externalId } }) => ({ externalId })), now)
        for (const { error, event: { attempts, externalId, type } } of outcomes) {
          if (error === undefined) continue
          const { isShutOut = false, message } = error
          if (isShutOut) yield* trouble.report(error)
          if (isShutOut || attempts < maxAttempts) {
            yield* inbox.postpone(externalId, nextAttemptAt(now, attempts), message)
          } else {
            yield* Effect.logError(`event ${externalId} (${type}) is now a dead letter: ${message}`)
            yield* inbox.deadLetter(externalId, now, message)
          }
        }
        return ours.length + foreign.length
      })

      const process = Effect.gen(function*() {
        const now = yield* DateTime.now
        const claimed = yield* inbox.claim(now, DateTime.add(now, { seconds: leaseSeconds }), batch)
        return claimed.length === 0 ? 0 : yield* work(claimed)
      })

      return Webhooks.of({
        receive: Effect.fn("Webhooks.receive")(function*(body, signature) {
          const now = yield* DateTime.now
          yield* inbox.accept(yield* provider.verify(body, signature, now), now)
        }),
        process: Effect.withSpan(process, "Webhooks.process")
      })
    })
  )
}
