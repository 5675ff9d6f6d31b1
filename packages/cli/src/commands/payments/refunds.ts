/**
 * `dchat payments refunded` and `return-credit`: record money that an administrator sent back to a user by hand.
 */
import { ExternalId, PaymentId, SubscriptionAdministration } from "@dchat/domain/subscription"
import { Console, Effect, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { administratorFlags } from "../../AdministratorFlags.ts"
import { refuse } from "../../Refusal.ts"
import { subject } from "../subscriptions/Subject.ts"

const recording = <A, E extends { readonly message: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.catch(effect, ({ message }) => refuse(`Not recorded: ${message}.`))

export const refunded = Command.make(
  "refunded",
  {
    user: subject,
    payment: Argument.String("payment").pipe(
      Argument.withDescription("The id of the payment"),
      Argument.withSchema(PaymentId)
    ),
    transaction: Flag.String("transaction").pipe(
      Flag.withDescription("The hash of the transaction by which the money was sent back"),
      Flag.withSchema(ExternalId)
    ),
    ...administratorFlags
  },
  Effect.fn(function*({ actor, payment, reason, transaction, user }) {
    const administration = yield* SubscriptionAdministration
    yield* administration.recordRefund(user, payment, transaction, { actor, reason })
    yield* Console.log("The refund is recorded. The purchase has ended.")
  }, recording)
).pipe(Command.withDescription("Record that a payment by wallet was sent back"))

export const returnCredit = Command.make(
  "return-credit",
  {
    user: subject,
    amount: Argument.String("amount").pipe(
      Argument.withDescription("The amount in the smallest unit of the currency, such as cents"),
      Argument.withSchema(Schema.BigIntFromString.check(Schema.isGreaterThanBigInt(0n)))
    ),
    currency: Flag.String("currency").pipe(Flag.withDescription("The currency (ISO 4217)"), Flag.withDefault("USD")),
    ...administratorFlags
  },
  Effect.fn(function*({ actor, amount, currency, reason, user }) {
    const administration = yield* SubscriptionAdministration
    yield* administration.returnCredit(user, { currency, minorUnits: amount }, { actor, reason })
    yield* Console.log("The credit is lower by this amount.")
  }, recording)
).pipe(Command.withDescription("Record that credit of a user was sent back"))
