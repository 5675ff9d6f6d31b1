/**
 * The reference of a payment in the event of the router: the payment id as a number of 32 bytes.
 */
import { Option, Schema } from "effect"
import { Bytes32, PaymentId } from "../../subscription/index.ts"

const decodePaymentId = Schema.decodeUnknownOption(PaymentId)

export const referenceOf = (paymentId: PaymentId): Bytes32 =>
  Bytes32.make(`0x${paymentId.replaceAll("-", "").padStart(64, "0")}`)

/** The payment of a reference; undefined if the reference is none of this installation. */
export const paymentIdOf = (reference: Bytes32): PaymentId | undefined => {
  const parts = /^0x0{32}([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/u.exec(reference)
  return parts === null ? undefined : Option.getOrUndefined(decodePaymentId(parts.slice(1).join("-")))
}
