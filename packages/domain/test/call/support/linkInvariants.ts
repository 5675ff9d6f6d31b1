/**
 * The invariants of the links of every call.
 */
import { active, linkBetween, openLinksOf } from "@dchat/domain/call"
import * as Legal from "./legalSteps.ts"
import { type Invariants, never, type Turns } from "./Turns.ts"

const signallingGoesToOne = ({ records }: Turns): void => {
  for (const { audience, event } of records) {
    if (event._tag !== "Offer" && event._tag !== "Answer" && event._tag !== "Candidates") continue
    if (Object.keys(audience).some((user) => user !== event.to)) never("signalling for somebody else", event, audience)
  }
}

const negotiationsCountUp = ({ turns }: Turns): void => {
  for (const { after, before } of turns) {
    before?.links.forEach(({ negotiation }, index) => {
      if ((after?.links[index]?.negotiation ?? 0) < negotiation) never("a negotiation went back", before, after)
    })
  }
}

const linksAreBetweenThem = ({ turns }: Turns): void => {
  for (const { after } of turns) {
    if (after === undefined || after.kind === "direct") continue
    const open = after.links.filter(({ transport }) => transport !== "closed")
    const people = active(after).length
    if (open.length !== people * (people - 1) / 2) never("not every two active people have a link", after)
  }
}

const offersAndAnswersAlternate = ({ earlier, records }: Turns): void => {
  for (const { before, event } of Legal.stepsOf(records, earlier?.call)) {
    if (event._tag !== "Offer" && event._tag !== "Answer") continue
    const link = before && linkBetween(before, event.from, event.to)
    const isOffer = event._tag === "Offer"
    if (link?.signalling !== (isOffer ? "stable" : "offering")) never("a description out of turn", event, before)
    if (!isOffer && link?.offer?.from === event.from) never("an answer to an own offer", event, before)
  }
}

const freshUsersStartAgain = ({ earlier, records }: Turns): void => {
  for (const { after, event } of Legal.stepsOf(records, earlier?.call)) {
    if (event._tag !== "Resumed" || !event.fresh) continue
    const kept = openLinksOf(after, event.userId).filter(({ answered, offerer, transport }) =>
      answered || offerer !== event.userId || transport !== "new"
    )
    if (kept.length > 0) never("a link that its user does not know", kept)
  }
}

export const linkInvariants: Invariants = {
  "shows signalling to its addressee only": signallingGoesToOne,
  "counts negotiations up only": negotiationsCountUp,
  "links every two active people of a group, and nobody else": linksAreBetweenThem,
  "answers each offer before the next, and no user answers an own offer": offersAndAnswersAlternate,
  "starts the links again of a user who comes back without a memory": freshUsersStartAgain
}
