/**
 * Keeps merge tickets in a map: for tests and examples.
 */
import { type MergeTicket, MergeTicketRepository, type TokenHash } from "@dchat/domain/identity"
import { Effect, Layer, Option } from "effect"
import { consumeFrom, purgeFrom, voidFrom } from "./ExpiringMap.ts"

export const layer = Layer.sync(MergeTicketRepository, () => {
  const tickets = new Map<TokenHash, MergeTicket>()
  const ofSession = (session: MergeTicket["sessionId"]) =>
    [...tickets.values()].find(({ sessionId }) => sessionId === session)

  return MergeTicketRepository.of({
    put: (ticket) =>
      Effect.sync(() => {
        const former = ofSession(ticket.sessionId)
        if (former !== undefined) tickets.delete(former.hash)
        tickets.set(ticket.hash, ticket)
      }),
    ofSession: (session) => Effect.sync(() => Option.fromUndefinedOr(ofSession(session))),
    consume: (hash) => consumeFrom(tickets, hash),
    voidOf: (users) =>
      voidFrom(tickets, ({ absorbed, survivor }) => users.includes(absorbed) || users.includes(survivor)),
    purge: (now, limit) => purgeFrom(tickets, now, limit)
  })
})
