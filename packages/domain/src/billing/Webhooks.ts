/**
 * What the provider tells by itself: kept at once, and worked on afterwards. Whatever it says, only the purchase that it
 * is about is taken from it; what happened is then asked.
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

/** No event takes longer to be looked into. */
const limit = "5 seconds"

/** Longer than a batch takes, in seconds: what a host that died held up goes on then. */
const leaseSeconds = 30

/**
 * An event that names a purchase which is not here, or that cannot be read, is given up after so many attempts: about
 * half a day. A key that the provider does not accept gives up nothing.
 */
const maxAttempts = 22

export class Webhooks extends Context.Service<Webhooks, {
  /** Succeeds once the event is kept. */
  receive(body: Uint8Array, signature: string): Effect.Effect<void, SignatureRefused>
  /** Works on some of what is kept; returns how many events are out of the way. */
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
        // First the questions: who dies in between has the events worked on again, which asks the same again.
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
