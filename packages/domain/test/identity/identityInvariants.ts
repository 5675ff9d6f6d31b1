/**
 * The invariants of users under any commands, as sentences.
 */
import {
  changesCredentials,
  evolve,
  Identity,
  IdentityEvent,
  loginCount,
  maxWallets,
  start,
  type UserId
} from "@dchat/domain/identity"
import { assert } from "@effect/vitest"
import { Schema } from "effect"
import { application } from "./LinkedInAnswers.ts"
import type { Happened, RandomPeople } from "./randomPeople.ts"

const replayed = ([first, ...rest]: ReadonlyArray<Happened>): Identity => {
  if (first?.event._tag !== "Registered") throw new Error("nobody begins but by Registered")
  return rest.reduce((state, { at, event }) => evolve(state, event, at), start(first.event, first.at))
}

const everybody = ({ turns }: RandomPeople) => turns.flatMap(({ after }) => [...after.values()])

const noTwo = (keys: ReadonlyArray<string>) => assert.lengthOf(new Set(keys), keys.length, keys.join(", "))

const isValid = Schema.is(Identity)
/** Written down as JSON, and read again. */
const throughJson = <S extends Schema.Codec<unknown>>(schema: S) => {
  const [encode, decode] = [
    Schema.encodeSync(Schema.toCodecJson(schema)),
    Schema.decodeSync(Schema.toCodecJson(schema))
  ]
  return (value: S["Type"]): unknown => decode(JSON.parse(JSON.stringify(encode(value))))
}
const identityThroughJson = throughJson(Identity)
const eventThroughJson = throughJson(IdentityEvent)

/** The ways to sign in of a user, and whether they are allowed. */
const credentialsOf = (identity: Identity | undefined) => ({
  wallets: identity?.wallets.map(({ id }) => id).toSorted(),
  accounts: identity?.accounts.map(({ id }) => id).toSorted(),
  isLockedOut: identity !== undefined && identity.status !== "active"
})

const liveRefs = (people: ReadonlyMap<UserId, Identity>) =>
  [...people.values()].flatMap(({ temporaryWallet }) => temporaryWallet?.ref ?? [])

export const identityInvariants: Readonly<Record<string, (people: RandomPeople) => void>> = {
  "no wallet and no account belongs to two people, and nobody has two accounts of one application": ({ turns }) => {
    for (const { after } of turns) {
      const all = [...after.values()]
      noTwo(all.flatMap(({ wallets }) => wallets.map((it) => `${it.kind} ${it.chainId} ${it.address}`)))
      noTwo(all.flatMap(({ wallets }) => wallets.map(({ id }) => id)))
      const accounts = all.flatMap((it) => it.accounts)
      noTwo(accounts.map(({ clientId, profile }) => `${clientId} ${profile.subject}`))
      noTwo(accounts.map(({ clientId, userId }) => `${clientId} ${userId}`))
    }
  },
  "everything that somebody holds says so": (people) => {
    for (const { accounts, id, temporaryWallet, wallets } of everybody(people)) {
      const held = [...wallets, ...accounts, ...(temporaryWallet === undefined ? [] : [temporaryWallet])]
      for (const { userId } of held) assert.strictEqual(userId, id)
    }
  },
  "everybody who is there can sign in, and a placeholder is no way to": (people) => {
    for (const identity of everybody(people)) {
      if (identity.status === "active" || identity.status === "disabled") {
        assert.isAtLeast(loginCount(identity, application), 1)
      }
    }
  },
  "everybody who is there has wallets, one of them primary, or one placeholder": (people) => {
    for (const { status, temporaryWallet, wallets } of everybody(people)) {
      if (status !== "active" && status !== "disabled") continue
      assert.isAtMost(wallets.length, maxWallets)
      assert.lengthOf(wallets.filter(({ isPrimary }) => isPrimary), wallets.length === 0 ? 0 : 1)
      assert.strictEqual(temporaryWallet === undefined, wallets.length > 0)
    }
  },
  "no placeholder is used again, once it is retired, or by anybody else": ({ turns }) => {
    const retired = new Set<string>()
    for (const { after, before } of turns) {
      const [former, live] = [liveRefs(before), liveRefs(after)]
      noTwo(live)
      for (const ref of former) if (!live.includes(ref)) retired.add(ref)
      for (const ref of live) assert.isFalse(retired.has(ref), ref)
    }
  },
  "who was merged or deleted holds nothing, and never comes back": ({ turns }) => {
    for (const { after, before } of turns) {
      for (const [id, identity] of before) {
        if (identity.status !== "merged" && identity.status !== "deleted") continue
        assert.deepStrictEqual(after.get(id), identity)
        const { createdAt: _1, displayName: _2, id: _3, mergedInto, nameEdited: _4, status, version: _5, ...rest } =
          identity
        assert.deepStrictEqual(rest, { wallets: [], accounts: [] })
        assert.strictEqual(status === "merged", mergedInto !== undefined)
      }
    }
  },
  "all that happened to somebody, from the beginning, makes them who they are, and is counted": (
    { history, turns }
  ) => {
    for (const [id, identity] of turns.at(-1)?.after ?? []) {
      const happened = history.get(id) ?? []
      assert.deepStrictEqual(replayed(happened), identity)
      assert.strictEqual(identity.version, happened.length)
    }
  },
  "nobody changes but by what happened to them": ({ turns }) => {
    for (const { after, before, events } of turns) {
      for (const [id, identity] of after) {
        if ((events.get(id) ?? []).length === 0) assert.strictEqual(identity, before.get(id))
      }
    }
  },
  "every change of how somebody can come in counts as one, so that other sessions end": ({ turns }) => {
    for (const { after, before, events } of turns) {
      for (const [id, some] of events) {
        const [former, now] = [credentialsOf(before.get(id)), credentialsOf(after.get(id))]
        const isChanged = JSON.stringify(former.wallets) !== JSON.stringify(now.wallets) ||
          JSON.stringify(former.accounts) !== JSON.stringify(now.accounts) ||
          now.isLockedOut !== former.isLockedOut
        // A merge with a user without credentials is a merge, too.
        const isMerge = some.some(({ _tag }) => _tag === "Absorbed")
        assert.strictEqual(some.some(changesCredentials), isChanged || isMerge, JSON.stringify(some))
      }
    }
  },
  "every person and every event is as it is after being written down and read again": ({ history, turns }) => {
    for (const identity of turns.at(-1)?.after.values() ?? []) {
      assert.isTrue(isValid(identity))
      assert.deepStrictEqual(identityThroughJson(identity), identity)
    }
    for (const { event } of [...history.values()].flat()) {
      assert.deepStrictEqual(eventThroughJson(event), event)
    }
  }
}

/** Everything that can happen. */
export const everyEvent: ReadonlyArray<string> = Object.keys(IdentityEvent.cases)
