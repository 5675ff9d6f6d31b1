/**
 * The errors with which a call operation is refused.
 */
import { Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"
import { CallId } from "./CallIds.ts"

/** The call has ended. */
export class CallOver extends Schema.TaggedError<CallOver>()("CallOver", {}) {}

/** The user is not being asked to answer, or no longer. */
export class NotPending extends Schema.TaggedError<NotPending>()("NotPending", {}) {}

/** Another device of the same user is in the call. */
export class AnsweredElsewhere extends Schema.TaggedError<AnsweredElsewhere>()("AnsweredElsewhere", {}) {}

/** The user is active in another call. A user is active in at most one call. */
export class InAnotherCall extends Schema.TaggedError<InAnotherCall>()("InAnotherCall", { callId: CallId }) {}

/** The participation is bound to another device. */
export class WrongDevice extends Schema.TaggedError<WrongDevice>()("WrongDevice", {}) {}

/**
 * The link already has an open offer. The order of the server decides: the later offer rolls back (RFC 9429, 4.1.10.2).
 */
export class OfferConflict extends Schema.TaggedError<OfferConflict>()("OfferConflict", { negotiation: Schema.Int }) {}

/** There is no open offer with this number. */
export class NoOpenOffer extends Schema.TaggedError<NoOpenOffer>()("NoOpenOffer", {}) {}

/** The other user of the link makes the first offer. */
export class NotOfferer extends Schema.TaggedError<NotOfferer>()("NotOfferer", { offerer: UserId }) {}

/** The number does not match the negotiation of this link. */
export class StaleNegotiation
  extends Schema.TaggedError<StaleNegotiation>()("StaleNegotiation", { negotiation: Schema.Int })
{}

/** One of the two users is not in the call. */
export class NotInCall extends Schema.TaggedError<NotInCall>()("NotInCall", {}) {}

/** The command needs an answered call or a negotiated link. */
export class NotConnected extends Schema.TaggedError<NotConnected>()("NotConnected", {}) {}

/** Only the host of a group call may issue this command. */
export class NotHost extends Schema.TaggedError<NotHost>()("NotHost", {}) {}

/** The initiator's plan does not include this feature. */
export class NotEntitled extends Schema.TaggedError<NotEntitled>()("NotEntitled", { feature: Schema.String }) {}

/** The active and pending users already reach the limit of the call. */
export class CallFull extends Schema.TaggedError<CallFull>()("CallFull", { limit: Schema.Int }) {}

/** The invited user is active in another call. */
export class InviteeBusy extends Schema.TaggedError<InviteeBusy>()("InviteeBusy", { userId: UserId }) {}

/** The id belongs to no known user, or the command named no user. */
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

/** The caller rings too many users or one user too often, or all callers together ring one user too often. */
export class RingingTooOften extends Schema.TaggedError<RingingTooOften>()("RingingTooOften", {
  /** Seconds after which the same command may be tried again. */
  retryAfterSeconds: Schema.Int
}) {}

/** The call does not exist, or the user may not know of the call. */
export class CallNotFound extends Schema.TaggedError<CallNotFound>()("CallNotFound", { callId: CallId }) {}

/** The session description is unusable. `detail` gives the reason without repeating the description. */
export class InvalidSdp extends Schema.TaggedError<InvalidSdp>()("InvalidSdp", { detail: Schema.String }) {}

/** Other commands changed the call faster than this command could. A retry helps. */
export class CallContended
  extends Schema.TaggedError<CallContended>()("CallContended", { callId: Schema.optionalKey(CallId) })
{}
