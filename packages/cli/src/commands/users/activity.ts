/**
 * `dchat users activity`: the activity of a user's identity, and the cause of each event.
 */
import { type AuditEvent, type Identity, IdentityRepository, type RecordedEvent, UserId } from "@dchat/domain/identity"
import { Console, DateTime, Effect, Option, Schema, Stream } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { printable } from "../../Printable.ts"
import { refuse } from "../../Refusal.ts"

const pageSize = 100

const activityOf = (id: UserId) =>
  Stream.unwrap(
    Effect.map(IdentityRepository, (repository) =>
      Stream.paginate(undefined as number | undefined, (before) =>
        Effect.map(repository.activity(id, { before, limit: pageSize }), (page) =>
          [page, Option.fromUndefinedOr(page.length < pageSize ? undefined : page.at(-1)?.seq)] as const)))
  )

/**
 * Describes an event without personal data: names of users, profiles and e-mail addresses are left out. An event keeps
 * ids. A wallet or account that the user still has is shown by its address or subject.
 */
const aboutOf = (event: RecordedEvent, { accounts, wallets }: Identity): string => {
  switch (event._tag) {
    case "Registered":
    case "SignedIn":
    case "Reauthenticated":
      return ` by ${event.method}`
    case "WalletLinked":
    case "WalletUnlinked":
    case "PrimaryWalletChanged": {
      const wallet = wallets.find(({ id }) => id === event.walletId)
      return wallet?.chainId === undefined
        ? ` ${wallet?.address ?? event.walletId}`
        : ` ${wallet.address} on chain ${wallet.chainId}`
    }
    case "TemporaryWalletAssigned":
    case "TemporaryWalletRetired":
      return ` ${event.ref}`
    case "AccountLinked":
    case "AccountUnlinked":
    case "AccountSynced":
      return ` LinkedIn ${accounts.find(({ id }) => id === event.accountId)?.profile.subject ?? event.accountId}`
    case "TokenStolen":
      return ` of session ${event.sessionId}`
    case "Absorbed":
    case "MergedInto":
      return ` ${event.userId}`
    default:
      return ""
  }
}

const causeOf = (cause: AuditEvent["cause"]): string => {
  if (cause._tag === "Admin") return `administrator ${cause.actor}: ${cause.reason}`
  if (cause._tag === "System") return "the server"
  return cause.sessionId === undefined ? "no session" : `session ${cause.sessionId}`
}

const lineOf = ({ at, cause, event, seq }: AuditEvent, identity: Identity) =>
  printable(`${seq}  ${DateTime.formatIso(at)}  ${event._tag}${aboutOf(event, identity)}  (${causeOf(cause)})`)

export const activity = Command.make(
  "activity",
  {
    id: Argument.String("id").pipe(Argument.withDescription("Id of the user"), Argument.withSchema(UserId)),
    limit: Flag.Int("limit").pipe(
      Flag.withDescription("The largest number of entries to show"),
      Flag.withSchema(Schema.Int.check(Schema.isGreaterThan(0))),
      Flag.withDefault(50)
    )
  },
  Effect.fn(function*({ id, limit }) {
    const repository = yield* IdentityRepository
    const identity = yield* repository.load(id)
    if (Option.isNone(identity)) return yield* refuse(`No such user: ${id}.`)
    yield* activityOf(id).pipe(
      Stream.take(limit),
      Stream.runForEach((event) => Console.log(lineOf(event, identity.value)))
    )
  })
).pipe(Command.withDescription("Show the changes of a user's identity, newest first"))
