/**
 * `dchat webhooks list` and `replay`: the events from the payment provider, and the failed deliveries to the provider.
 */
import { BillingOutbox, type DeadDelivery, type InboxEntry, WebhookInbox } from "@dchat/domain/billing"
import { OutboxId } from "@dchat/domain/subscription"
import { Console, DateTime, Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { printable } from "../../Printable.ts"
import { refuse } from "../../Refusal.ts"

const most = 100

const eventLine = ({ attempts, error, externalId, receivedAt, state, type }: InboxEntry) =>
  `event     ${externalId}  ${state}  ${printable(type)}  ${DateTime.formatIso(receivedAt)}  ${attempts} attempts` +
  (error === undefined ? "" : `  ${printable(error)}`)

const deliveryLine = ({ attempts, createdAt, error, id, intent, isGivenUp, purchaseId }: DeadDelivery) =>
  `delivery  ${id}  ${isGivenUp ? "dead" : "waiting"}  ${intent?._tag ?? "unreadable"} of ${purchaseId}  ${
    DateTime.formatIso(createdAt)
  }  ${attempts} attempts  ${printable(error)}`

export const list = Command.make(
  "list",
  {
    all: Flag.Boolean("all").pipe(
      Flag.withDescription("Show all recent events, not only dead letters"),
      Flag.withDefault(false)
    )
  },
  Effect.fn(function*({ all }) {
    const inbox = yield* WebhookInbox
    const outbox = yield* BillingOutbox
    const events = yield* inbox.list(all ? undefined : "dead", most)
    const deliveries = yield* outbox.dead(most)
    const lines = [...events.map(eventLine), ...deliveries.map(deliveryLine)]
    yield* Console.log(lines.length === 0 ? "There are no dead letters." : lines.join("\n"))
  })
).pipe(Command.withDescription("List the events and deliveries that are dead letters or not readable, latest first"))

const isDelivery = Schema.is(OutboxId)

export const replay = Command.make(
  "replay",
  {
    id: Argument.String("id").pipe(
      Argument.withDescription("Id of an event or a delivery; defaults to all events that are dead letters"),
      Argument.optional
    )
  },
  Effect.fn(function*({ id: given }) {
    const inbox = yield* WebhookInbox
    const outbox = yield* BillingOutbox
    const now = yield* DateTime.now
    const id = Option.getOrUndefined(given)
    const count = id === undefined
      ? yield* inbox.replay("dead", now)
      : isDelivery(id)
      ? yield* outbox.replay({ id }, now)
      : yield* inbox.replay({ externalId: id }, now)
    if (id !== undefined && count === 0) return yield* refuse(`No event or delivery to retry has the id ${id}.`)
    yield* Console.log(`A running host retries ${count === 1 ? "1 dead letter" : `${count} dead letters`}.`)
  })
).pipe(Command.withDescription("Retry dead letters"))
