/**
 * Failures and refusals of charges by authorisation.
 */
import { Schema } from "effect"
import { ChargeFault } from "../../subscription/index.ts"

/** The installation has no charging account. */
export class ChargingNotConfigured extends Schema.TaggedError<ChargingNotConfigured>()("ChargingNotConfigured", {}) {
  override get message() {
    return "this installation does not charge renewals by itself"
  }
}

/** The chain does not answer, or another host is busy with it. Try again later. */
export class ChargingUnavailable extends Schema.TaggedError<ChargingUnavailable>()("ChargingUnavailable", {}) {
  override get message() {
    return "the chain cannot be used now: try again later"
  }
}

/** A charge would fail now. */
export class AuthorizationIneffective
  extends Schema.TaggedError<AuthorizationIneffective>()("AuthorizationIneffective", { reason: ChargeFault })
{
  override get message() {
    return `a charge would fail now: ${this.reason}`
  }
}

/** The token does not accept the signed allowance, or the allowance is too low or expires too early. */
export class PermitRejected extends Schema.TaggedError<PermitRejected>()("PermitRejected", {}) {
  override get message() {
    return "the signed allowance is not accepted: get new instructions and sign again"
  }
}

/** The operator pays for handing in a permit, so a subscription has few of them. */
export class TooManyPermits extends Schema.TaggedError<TooManyPermits>()("TooManyPermits", {}) {
  override get message() {
    return "too many permits were handed in: send the transactions of the instructions instead"
  }
}

/**
 * Why a transaction was not signed. `fees`: above the limit of the operator. `funds`: the charging account cannot pay the
 * fees. `refused`: the transaction would fail.
 */
export class NotSigned extends Schema.TaggedError<NotSigned>()("NotSigned", {
  reason: Schema.Literals(["fees", "funds", "refused", "unavailable"])
}) {
  override get message() {
    return `the transaction was not signed: ${this.reason}`
  }
}
