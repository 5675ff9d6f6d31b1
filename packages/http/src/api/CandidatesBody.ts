/**
 * Candidates in the form in which browsers give them to scripts.
 */
import { CallRequest } from "@dchat/domain/call"
import { Schema } from "effect"
import { IceCandidate } from "./CallParts.ts"

const { to, negotiation } = CallRequest.cases.Candidates.fields

export const candidatesFields = {
  candidates: Schema.optionalKey(Schema.Array(Schema.NullOr(IceCandidate))),
  /** The same with one candidate. */
  candidate: Schema.optionalKey(Schema.NullOr(IceCandidate)),
  endOfCandidates: Schema.optionalKey(Schema.Boolean),
  to,
  negotiation
}

type CandidatesBody = Schema.Struct.Type<typeof candidatesFields>

/** Says something of candidates. */
export const hasCandidates = ({ candidate, candidates, endOfCandidates }: CandidatesBody) =>
  candidate !== undefined || candidates !== undefined || endOfCandidates === true ||
  "Expected candidates, candidate or endOfCandidates"

/**
 * The request that it is. Null in the place of a candidate says that there are no more (W3C WebRTC, 4.4.1.3, the event
 * `icecandidate`); beside a list, a null `candidate` is one that was left out. A candidate with an empty text, the end
 * of one section, is passed on as it is.
 */
export const candidatesRequest = (
  { candidate, candidates, endOfCandidates, negotiation, to }: CandidatesBody
): Extract<CallRequest, { readonly _tag: "Candidates" }> => {
  const all = [...candidates ?? [], ...(candidate === undefined ? [] : [candidate])]
  const isEnd = endOfCandidates === true || candidates?.includes(null) === true ||
    (candidate === null && candidates === undefined)
  return {
    _tag: "Candidates",
    candidates: all.filter((one) => one !== null),
    ...(isEnd && { endOfCandidates: true }),
    ...(to !== undefined && { to }),
    ...(negotiation !== undefined && { negotiation })
  }
}
