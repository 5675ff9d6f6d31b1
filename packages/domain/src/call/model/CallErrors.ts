/**
 * Why a call operation is refused. Each refusal is an outcome of its own.
 */
import { Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { CallId } from "./CallIds.ts"

/** The call has ended. */
export class CallOver extends Schema.TaggedError<CallOver>()("CallOver", {}) {}

/** The person is not, or no longer, being asked to answer. */
export class NotPending extends Schema.TaggedError<NotPending>()("NotPending", {}) {}

/** Another device of the same person is in the call. */
export class AnsweredElsewhere extends Schema.TaggedError<AnsweredElsewhere>()("AnsweredElsewhere", {}) {}

/** The person is active in another call, and a person is active in one at most. */
export class InAnotherCall extends Schema.TaggedError<InAnotherCall>()("InAnotherCall", { callId: CallId }) {}

/** The participation is bound to another device. */
export class WrongDevice extends Schema.TaggedError<WrongDevice>()("WrongDevice", {}) {}

/** An offer is open on this link already: server order decides, the later one rolls back (RFC 9429, 4.1.10.2). */
export class OfferConflict extends Schema.TaggedError<OfferConflict>()("OfferConflict", { negotiation: Schema.Int }) {}

/** There is no open offer of that number to answer. */
export class NoOpenOffer extends Schema.TaggedError<NoOpenOffer>()("NoOpenOffer", {}) {}

/** The first offer of a link is the other side's to make. */
export class NotOfferer extends Schema.TaggedError<NotOfferer>()("NotOfferer", { offerer: UserId }) {}

/** The number is not that of this link's negotiation. */
export class StaleNegotiation
  extends Schema.TaggedError<StaleNegotiation>()("StaleNegotiation", { negotiation: Schema.Int })
{}

/** One of the two is not in the call. */
export class NotInCall extends Schema.TaggedError<NotInCall>()("NotInCall", {}) {}

/** It needs a call that was answered, or a link that was negotiated. */
export class NotConnected extends Schema.TaggedError<NotConnected>()("NotConnected", {}) {}

/** It is for the host of a group call only. */
export class NotHost extends Schema.TaggedError<NotHost>()("NotHost", {}) {}

/** The initiator's plan does not include it. */
export class NotEntitled extends Schema.TaggedError<NotEntitled>()("NotEntitled", { feature: Schema.String }) {}

/** As many people as the call allows are in it or asked. */
export class CallFull extends Schema.TaggedError<CallFull>()("CallFull", { limit: Schema.Int }) {}

/** The invited person is active in another call. */
export class InviteeBusy extends Schema.TaggedError<InviteeBusy>()("InviteeBusy", { userId: UserId }) {}

/** Nobody is known by this id, or nobody was named. */
export class UnknownParticipant
  extends Schema.TaggedError<UnknownParticipant>()("UnknownParticipant", { userIds: Schema.Array(Schema.String) })
{}

/** More than 512 candidates on a link in one negotiation. */
export class TooManyCandidates
  extends Schema.TaggedError<TooManyCandidates>()("TooManyCandidates", { limit: Schema.Int })
{}

/** More than five offers a minute on a link. */
export class TooManyOffers
  extends Schema.TaggedError<TooManyOffers>()("TooManyOffers", { retryAt: Schema.DateTimeUtc })
{}

/** The caller rings too many people, or one of them too often; or one of them is rung too often by everybody. */
export class RingingTooOften extends Schema.TaggedError<RingingTooOften>()("RingingTooOften", {
  /** Seconds after which the same may be tried again. */
  retryAfterSeconds: Schema.Int
}) {}

/** Everything the rules of a call can answer instead of doing what was asked. */
export const CallRefusal = Schema.Union([
  CallOver,
  NotPending,
  AnsweredElsewhere,
  InAnotherCall,
  WrongDevice,
  OfferConflict,
  NoOpenOffer,
  NotOfferer,
  StaleNegotiation,
  NotInCall,
  NotConnected,
  NotHost,
  NotEntitled,
  CallFull,
  InviteeBusy,
  UnknownParticipant,
  TooManyCandidates,
  TooManyOffers
])
export type CallRefusal = typeof CallRefusal.Type

/** No such call, or none that this person may know of. */
export class CallNotFound extends Schema.TaggedError<CallNotFound>()("CallNotFound", { callId: CallId }) {}

/** The session description cannot be used; `detail` says why without repeating it. */
export class InvalidSdp extends Schema.TaggedError<InvalidSdp>()("InvalidSdp", { detail: Schema.String }) {}

/** The key was used for another request. */
export class IdempotencyConflict extends Schema.TaggedError<IdempotencyConflict>()("IdempotencyConflict", {}) {}

/** Others changed the call faster than this command could; trying again helps. */
export class CallContended
  extends Schema.TaggedError<CallContended>()("CallContended", { callId: Schema.optionalKey(CallId) })
{}
