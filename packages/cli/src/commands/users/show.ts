/**
 * `dchat users show`: a user as stored, without the e-mail address.
 */
import {
  type Identity,
  IdentityRepository,
  SessionRepository,
  UserId,
  UserRepository,
  type Wallet,
  WalletAddressFromAnyCase
} from "@dchat/domain/identity"
import { Console, DateTime, Effect, Option, Schema } from "effect"
import { Argument, Command } from "effect/cli"
import { printable } from "../../Printable.ts"
import { refuse } from "../../Refusal.ts"

const Subject = Schema.String.check(
  Schema.isPattern(/^(0x[0-9a-fA-F]{40}|[0-9a-f-]{36})$/, { expected: "the id of a user or the address of a wallet" })
).pipe(Schema.decodeTo(Schema.Union([UserId, WalletAddressFromAnyCase])))

const isUserId = Schema.is(UserId)

/** More are not counted. */
const mostSessions = 1000

/**
 * The users who have this id or hold this wallet. A contract wallet may belong to different users on different chains.
 */
const idsOf = Effect.fnUntraced(function*(subject: typeof Subject.Type) {
  if (isUserId(subject)) return [subject]
  const users = yield* UserRepository
  return (yield* users.findByAddress(subject)).map(({ id }) => id)
})

const walletLine = ({ address, chainId, isPrimary }: Wallet) =>
  `${address}${chainId === undefined ? "" : ` (contract on chain ${chainId})`}${isPrimary ? " (primary)" : ""}`

const walletLines = ({ temporaryWallet, wallets }: Identity) =>
  wallets.length > 0
    ? wallets.toSorted((one, other) => Number(other.isPrimary) - Number(one.isPrimary)).map(walletLine)
    : [temporaryWallet === undefined ? "none" : `none (placeholder: ${temporaryWallet.ref})`]

const accountLines = ({ accounts }: Identity) =>
  accounts.length === 0
    ? ["not linked"]
    : accounts.map(({ clientId, linkedAt, profile }) =>
      `subject ${profile.subject} of the application ${clientId}, linked ${DateTime.formatIso(linkedAt)}`
    )

const linesOf = (identity: Identity, sessions: number) => {
  const { createdAt, displayName, id, lastSignInAt, mergedInto, status } = identity
  const fields: ReadonlyArray<readonly [name: string, values: ReadonlyArray<string>]> = [
    ["id", [id]],
    ["status", [mergedInto === undefined ? status : `${status} into ${mergedInto}`]],
    ["wallets", walletLines(identity)],
    ["LinkedIn", accountLines(identity)],
    ["sessions", [sessions === mostSessions ? `${sessions} or more` : `${sessions}`]],
    ["last sign-in", [lastSignInAt === undefined ? "never" : DateTime.formatIso(lastSignInAt)]],
    ["since", [DateTime.formatIso(createdAt)]]
  ]
  return [
    printable(displayName),
    ...fields.flatMap(([name, values]) =>
      values.map((value, index) => `  ${(index === 0 ? name : "").padEnd(12)}  ${value}`)
    )
  ]
}

export const show = Command.make(
  "show",
  {
    user: Argument.String("user").pipe(
      Argument.withDescription("Id of the user, or address of a wallet"),
      Argument.withSchema(Subject)
    )
  },
  Effect.fn(function*({ user }) {
    const repository = yield* IdentityRepository
    const sessions = yield* SessionRepository
    const found = (yield* Effect.forEach(yield* idsOf(user), (id) => repository.load(id))).flatMap(Option.toArray)
    if (found.length === 0) {
      return yield* refuse(isUserId(user) ? `No such user: ${user}.` : `No user has the wallet ${user}.`)
    }
    const now = yield* DateTime.now
    for (const identity of found) {
      const live = identity.status === "active" ? yield* sessions.listOf(identity.id, now, mostSessions) : []
      yield* Console.log(linesOf(identity, live.length).join("\n"))
    }
  })
).pipe(Command.withDescription("Show a user with wallets and sessions"))
