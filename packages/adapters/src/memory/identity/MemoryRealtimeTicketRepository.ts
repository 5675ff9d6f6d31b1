/**
 * Keeps realtime tickets in a map: for tests and examples.
 */
import { type RealtimeTicket, RealtimeTicketRepository, type TokenHash } from "@dchat/domain/identity"
import { Effect, Layer } from "effect"
import { consumeFrom, purgeFrom } from "./ExpiringMap.ts"

export const layer = Layer.sync(RealtimeTicketRepository, () => {
  const tickets = new Map<TokenHash, RealtimeTicket>()

  return RealtimeTicketRepository.of({
    insert: (ticket) => Effect.sync(() => void tickets.set(ticket.hash, ticket)),
    consume: (hash) => consumeFrom(tickets, hash),
    purge: (now, limit) => purgeFrom(tickets, now, limit)
  })
})
