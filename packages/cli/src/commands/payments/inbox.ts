/**
 * `dchat payments list`, `show`, `recheck`, `assign` and `refund-note`: the transfers on chains that pay nothing.
 */
import { PaymentInbox, type StoredTransfer, type Verdict } from "@dchat/domain/onchain"
import { ExternalId, PaymentId } from "@dchat/domain/subscription"
import { Console, DateTime, Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { administratorFlags } from "../../AdministratorFlags.ts"
import { printable } from "../../Printable.ts"
import { refuse } from "../../Refusal.ts"

/** How many transfers a list shows. */
const most = 100

const id = Argument.String("id").pipe(
  Argument.withDescription("The id of the transfer, as shown by `dchat payments list`"),
  Argument.withSchema(ExternalId)
)

const verdictWords = (verdict: Verdict): string => {
  switch (verdict._tag) {
    case "Unjudged":
      return "not judged yet"
    case "Paid":
      return `pays ${verdict.paymentId}`
    case "Unmatched":
      return verdict.reason
    case "SentBack":
      return `sent back (${verdict.reason}): ${printable(verdict.note)}`
  }
}

const lineOf = ({ moved: { transfer }, stage, verdict }: StoredTransfer): string => {
  const { amount, externalId, paidAt, payer, token = "native" } = transfer
  return `${externalId}  ${stage}  ${amount} of ${token} from ${payer}  ${DateTime.formatIso(paidAt)}  ${
    verdictWords(verdict)
  }`
}

const detailsOf = ({ moved, seenAt, stage, verdict }: StoredTransfer): string => {
  const { block, transactionHash, transfer } = moved
  return [
    `id           ${transfer.externalId}`,
    `chain        ${transfer.chainId}`,
    `transaction  ${transactionHash}`,
    `block        ${block.number} ${block.hash}`,
    `time         ${DateTime.formatIso(transfer.paidAt)}`,
    `token        ${transfer.token ?? "native"}`,
    `amount       ${transfer.amount} base units`,
    `from         ${transfer.payer}`,
    `to           ${transfer.recipient}`,
    `reference    ${transfer.reference ?? "none"}`,
    `stage        ${stage}`,
    `seen         ${DateTime.formatIso(seenAt)}`,
    `verdict      ${verdictWords(verdict)}`
  ].join("\n")
}

const refusing = <A, E extends { readonly message: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.catch(effect, ({ message }) => refuse(`Nothing changed: ${message}.`))

export const list = Command.make(
  "list",
  {},
  Effect.fn(function*() {
    const inbox = yield* PaymentInbox
    const transfers = yield* inbox.list({ limit: most })
    yield* Console.log(transfers.length === 0 ? "No transfer waits." : transfers.map(lineOf).join("\n"))
  })
).pipe(Command.withDescription("List the transfers that pay nothing, with their reasons, latest first"))

export const show = Command.make(
  "show",
  { id },
  Effect.fn(function*({ id }) {
    yield* Console.log(detailsOf(yield* (yield* PaymentInbox).show(id)))
  }, refusing)
).pipe(Command.withDescription("Show a transfer"))

export const recheck = Command.make(
  "recheck",
  { id },
  Effect.fn(function*({ id }) {
    yield* Console.log(lineOf(yield* (yield* PaymentInbox).recheck(id)))
  }, refusing)
).pipe(Command.withDescription("Judge a transfer once more, for example after the user linked the wallet"))

export const assign = Command.make(
  "assign",
  {
    id,
    payment: Argument.String("payment").pipe(
      Argument.withDescription("The id of the payment, as shown by `dchat subscriptions show`"),
      Argument.withSchema(PaymentId)
    ),
    ...administratorFlags
  },
  Effect.fn(function*({ actor, id, payment, reason }) {
    yield* Console.log(lineOf(yield* (yield* PaymentInbox).assign(id, payment, { actor, reason })))
  }, refusing)
).pipe(Command.withDescription("Let a transfer pay a payment, whatever the quote says"))

export const refundNote = Command.make(
  "refund-note",
  {
    id,
    note: Flag.String("note").pipe(
      Flag.withDescription("The transaction by which the money was sent back, or another note")
    )
  },
  Effect.fn(function*({ id, note }) {
    yield* Console.log(lineOf(yield* (yield* PaymentInbox).noteRefund(id, note)))
  }, refusing)
).pipe(Command.withDescription("Note that the money of a transfer was sent back; dchat sends no money"))
