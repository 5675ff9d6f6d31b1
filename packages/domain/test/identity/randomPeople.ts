/**
 * Random lives of a few users who share a pool of wallets and LinkedIn accounts: mostly sensible commands, with
 * mistakes, old proofs, and beliefs about owners that are out of date. Everything follows from a list of numbers.
 */
import {
  accountOf,
  decide,
  DisplayName,
  evolve,
  type Identity,
  type IdentityCommand,
  type IdentityEvent,
  isSameWallet,
  type LinkedAccount,
  LinkedInClientId,
  merge,
  register,
  SessionId,
  start,
  type UserId,
  type Wallet,
  walletCredential
} from "@dchat/domain/identity"
import { Arbitrary, DateTime, Result, Schema } from "effect"
import { Dice } from "../call/support/Dice.ts"
import { heldBy } from "./credentialOf.ts"
import {
  account,
  accountId,
  beginning,
  contract,
  profile,
  temporaryRef,
  userId,
  wallet,
  walletId
} from "./identities.ts"
import { application } from "./LinkedInAnswers.ts"

export interface Happened {
  readonly event: IdentityEvent
  readonly at: DateTime.Utc
}

/** One command, its outcome, and all users before and after. */
export interface Turn {
  readonly asked: string
  readonly before: ReadonlyMap<UserId, Identity>
  readonly after: ReadonlyMap<UserId, Identity>
  /** The events, by user; none with a refusal. */
  readonly events: ReadonlyMap<UserId, ReadonlyArray<IdentityEvent>>
  /** The refusal; `CredentialTaken` is the store's refusal of a credential that another user has by then. */
  readonly refusal: string | undefined
}

export interface RandomPeople {
  readonly turns: ReadonlyArray<Turn>
  readonly history: ReadonlyMap<UserId, ReadonlyArray<Happened>>
}

type OwnCommand = Exclude<IdentityCommand, { readonly _tag: "RegisterByWallet" | "RegisterByAccount" }>

const formerApplication = LinkedInClientId.make("the-former-application")

/** Few wallets cause conflicts; many let users reach the limit. */
export const moods = ["ordinary", "quarrelling", "collecting"] as const
export type Mood = typeof moods[number]

export const play = (numbers: ReadonlyArray<number>): RandomPeople => {
  const [first = 0, ...rest] = numbers
  const mood = new Dice(first).pick(moods)
  const world = new World(mood)
  for (const number of rest) world.take(new Dice(number))
  return { turns: world.turns, history: world.history }
}

class World {
  readonly turns: Array<Turn> = []
  readonly history = new Map<UserId, ReadonlyArray<Happened>>()
  private people: ReadonlyMap<UserId, Identity> = new Map()
  private at = beginning
  private made = 0

  private readonly mood: Mood
  constructor(mood: Mood) {
    this.mood = mood
  }

  take(dice: Dice): void {
    this.at = DateTime.addDuration(this.at, { seconds: dice.below(400) })
    const newcomers = this.people.size < 2 ? 100 : this.people.size < 6 ? 10 : 0
    if (dice.chance(newcomers)) return this.register(dice)
    if (dice.chance(this.mood === "collecting" ? 3 : 8)) return this.merge(dice)
    this.command(dice)
  }

  private register(dice: Dice): void {
    const id = userId(++this.made)
    const command: IdentityCommand = dice.chance(60)
      ? { _tag: "RegisterByWallet", wallet: { ...this.someWallet(dice), userId: id } }
      : {
        _tag: "RegisterByAccount",
        account: { ...this.someAccount(dice), clientId: application, userId: id },
        temporaryRef: temporaryRef(++this.made)
      }
    this.keep(command._tag, new Map([[id, register(command, this.at)]]))
  }

  private merge(dice: Dice): void {
    const [survivor, absorbed] = [this.somebody(dice), this.somebody(dice)]
    // The services never offer a user a merge with the same user.
    if (survivor.id === absorbed.id) return
    // Sometimes the proof was made a moment ago, and the credential belongs to another user or to none by now.
    const proved = dice.chance(85) ? heldBy(absorbed) : walletCredential(this.someWallet(dice))
    const decision = merge(survivor, absorbed, proved, this.at)
    if (Result.isFailure(decision)) return this.refuse("Merge", decision.failure._tag)
    const { success } = decision
    this.keep("Merge", new Map([[absorbed.id, success.absorbed], [survivor.id, success.survivor]]))
  }

  private command(dice: Dice): void {
    const who = this.somebody(dice)
    const command = this.commandFor(dice, who)
    const decision = decide(command, who, this.at)
    if (Result.isFailure(decision)) this.refuse(command._tag, decision.failure._tag)
    else this.keep(command._tag, new Map([[who.id, decision.success]]))
  }

  /** Stores the events, unless another user has the credential by then: constraints of the store. */
  private keep(asked: string, events: ReadonlyMap<UserId, ReadonlyArray<IdentityEvent>>): void {
    const after = new Map(this.people)
    for (const [id, some] of events) {
      const next = some.reduce<Identity | undefined>(
        (state, event) =>
          state === undefined && event._tag === "Registered"
            ? start(event, this.at)
            : state && evolve(state, event, this.at),
        after.get(id)
      )
      if (next !== undefined) after.set(id, next)
    }
    if (isContested(after)) return this.refuse(asked, "CredentialTaken")
    for (const [id, some] of events) {
      this.history.set(id, [...this.history.get(id) ?? [], ...some.map((event) => ({ event, at: this.at }))])
    }
    this.turns.push({ asked, before: this.people, after, events, refusal: undefined })
    this.people = after
  }

  private refuse(asked: string, refusal: string): void {
    this.turns.push({ asked, before: this.people, after: this.people, events: new Map(), refusal })
  }

  /** Mostly a user who still exists. */
  private somebody(dice: Dice): Identity {
    const all = [...this.people.values()]
    const there = all.filter(({ status }) => status === "active")
    const [one = all[0]] = this.mood === "collecting" ? there : []
    const found = dice.chance(70) && one !== undefined
      ? one
      : dice.pick(dice.chance(85) && there.length > 0 ? there : all)
    if (found === undefined) throw new Error("nobody has registered yet")
    return found
  }

  /** Externally owned accounts, and contracts on two chains at the same addresses. */
  private someWallet(dice: Dice): Wallet {
    const number = dice.below(this.mood === "quarrelling" ? 4 : this.mood === "collecting" ? 60 : 10)
    const id = walletId(++this.made)
    const verifiedAt = this.at
    return { ...(dice.chance(75) ? wallet(number) : contract(number, 1 + dice.below(2))), id, verifiedAt }
  }

  private someAccount(dice: Dice): LinkedAccount {
    const clientId = dice.chance(85) ? application : formerApplication
    return {
      ...account(dice.below(4), { ...someFields(dice), clientId }),
      id: accountId(++this.made),
      linkedAt: this.at,
      lastSyncAt: this.at
    }
  }

  /** The owner of a credential; sometimes an outdated answer that it has none. */
  private ownerOf(dice: Dice, holds: (identity: Identity) => boolean): UserId | undefined {
    const owner = [...this.people.values()].find(holds)
    return dice.chance(15) ? undefined : owner?.id
  }

  private commandFor(dice: Dice, who: Identity): OwnCommand {
    const authenticatedAt = DateTime.subtractDuration(this.at, { minutes: dice.chance(8) ? 10 : 1 })
    const clientId = dice.chance(3) ? undefined : application
    const own = dice.pick(who.wallets)
    const walletIdOf = () => dice.chance(90) && own !== undefined ? own.id : walletId(0)
    const linked = accountOf(who, application)
    const likes = (weight: number) => this.mood === "collecting" ? Math.ceil(weight / 6) : weight
    const next = dice.weighted<() => OwnCommand>([
      [30, () => {
        const some = this.someWallet(dice)
        const owner = this.ownerOf(dice, ({ wallets }) => wallets.some((it) => isSameWallet(it, some)))
        return { _tag: "LinkWallet", wallet: some, owner, authenticatedAt }
      }],
      [likes(15), () => {
        const some = this.someAccount(dice)
        const owner = this.ownerOf(dice, (it) => accountOf(it, some.clientId)?.profile.subject === some.profile.subject)
        return { _tag: "LinkAccount", account: some, owner, authenticatedAt }
      }],
      [likes(20), () => {
        const ref = temporaryRef(++this.made)
        // A user with a temporary wallet has signed up by LinkedIn, so the current application is configured.
        const client = who.wallets.length === 0 ? application : clientId
        return { _tag: "UnlinkWallet", walletId: walletIdOf(), clientId: client, temporaryRef: ref, authenticatedAt }
      }],
      [likes(10), () => ({ _tag: "UnlinkAccount", clientId: application, authenticatedAt })],
      [10, () => ({ _tag: "SetPrimaryWallet", walletId: walletIdOf() })],
      [6, () => ({ _tag: "SignIn", method: "wallet" })],
      [2, () => ({ _tag: "ReportStolenToken", sessionId: SessionId.make(userId(++this.made)) })],
      [6, () => ({
        _tag: "SignIn",
        method: "linkedin",
        ...(linked === undefined ? {} : { account: { id: linked.id, profile: this.profileOf(dice, linked) } })
      })],
      [6, () => ({
        _tag: "SyncAccount",
        accountId: linked?.id ?? accountId(0),
        profile: linked === undefined ? profile(0) : this.profileOf(dice, linked)
      })],
      [6, () => ({ _tag: "ReauthenticateByWallet", wallet: own ?? this.someWallet(dice) })],
      [4, () => ({
        _tag: "ReauthenticateByAccount",
        clientId: application,
        profile: linked?.profile ?? this.someAccount(dice).profile
      })],
      [8, () => ({
        _tag: "EditProfile",
        ...(dice.chance(30) ? { displayName: DisplayName.make(dice.pick(["Annie", "Bobby"])) } : {}),
        ...(dice.chance(50) ? { company: dice.pick(["", "Acme"]) } : {}),
        ...(dice.chance(50) ? { position: dice.pick(["", "Baker"]) } : {})
      })],
      [likes(3), () => ({ _tag: "Disable", reason: "spam" })],
      [who.status === "disabled" ? 40 : 1, () => ({ _tag: "Enable", reason: "a mistake" })],
      [likes(2), () => ({ _tag: "Delete", authenticatedAt })]
    ])
    return next?.() ?? { _tag: "SignIn", method: "wallet" }
  }

  private profileOf(dice: Dice, linked: LinkedAccount) {
    return { ...linked.profile, ...someFields(dice) }
  }
}

const someFields = (dice: Dice) => ({
  name: dice.pick(["", "Ann Smith", "Ann Jones", "Bob"]),
  emailVerified: dice.chance(50),
  ...(dice.chance(50) ? { email: dice.pick(["ann@example.com", "bob@example.com"]) } : {})
})

/** Whether two users have the same wallet or account, or one user has two accounts of one application. */
const isContested = (people: ReadonlyMap<UserId, Identity>): boolean => {
  const keys = [...people.values()].flatMap(credentialsOf)
  return new Set(keys).size < keys.length
}

/** The keys of the unique indexes. */
const credentialsOf = ({ accounts, id, wallets }: Identity): ReadonlyArray<string> => [
  ...wallets.map(({ address, chainId, kind }) => `${kind} ${chainId} ${address}`),
  ...accounts.flatMap(({ clientId, profile }) => [`${clientId} ${profile.subject}`, `${clientId} of ${id}`])
]

/** For a property: random lives of up to 150 commands, made smaller by leaving commands out. */
export const randomPeople: Arbitrary.Arbitrary<ReadonlyArray<number>> = Arbitrary.array(
  Arbitrary.schema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 32 - 1 }))),
  { minLength: 2, maxLength: 150 }
)

/** The numbers of one of many lives, by a seed for all. */
export const numbersFor = (seed: number, index: number): ReadonlyArray<number> => {
  const dice = new Dice(Math.imul(seed, 0x9e3779b1) ^ index)
  return Array.from({ length: 30 + dice.below(120) }, () => dice.roll())
}
