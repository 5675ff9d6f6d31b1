/**
 * Keeps single-use records in a map: for tests and examples.
 */
import {
  SingleUse,
  type SingleUseKind,
  type SingleUseRecord,
  type SingleUseTrace,
  type UserId
} from "@dchat/domain/identity"
import { DateTime, Effect, Layer, Option } from "effect"

interface Entry<A = SingleUseRecord, Outcome = object> extends SingleUseTrace<A, Outcome> {
  readonly slot: string | undefined
  readonly users: ReadonlyArray<UserId>
}

const idOf = ({ name }: Pick<SingleUseKind<SingleUseRecord>, "name">, key: string) => `${name} ${key}`

const unused = <A>(entry: Entry<A> | undefined): Option.Option<A> =>
  entry === undefined || entry.isUsed ? Option.none() : Option.some(entry.record)

export const layer = Layer.sync(SingleUse, () => {
  const entries = new Map<string, Entry>()

  const entryOf = <A extends SingleUseRecord, Outcome = object>(kind: SingleUseKind<A>, key: string) =>
    entries.get(idOf(kind, key)) as Entry<A, Outcome> | undefined
  const entryIn = <A extends SingleUseRecord>(kind: SingleUseKind<A>, slot: string) =>
    [...entries.values()].find((entry) => entry.slot === idOf(kind, slot)) as Entry<A> | undefined

  /** Deletes at most `limit` entries. Returns the number of deleted entries. */
  const remove = (isGone: (entry: Entry) => boolean, limit?: number) => {
    const gone = [...entries].filter(([, entry]) => isGone(entry)).slice(0, limit)
    for (const [id] of gone) entries.delete(id)
    return gone.length
  }

  return SingleUse.of({
    put: (kind, record) =>
      Effect.sync(() => {
        const slot = kind.slotOf === undefined ? undefined : idOf(kind, kind.slotOf(record))
        if (slot !== undefined) remove((entry) => entry.slot === slot)
        const users = kind.usersOf?.(record) ?? []
        entries.set(idOf(kind, kind.keyOf(record)), { slot, users, record, isUsed: false, outcome: Option.none() })
      }),
    find: (kind, key) => Effect.sync(() => unused(entryOf(kind, key))),
    findInSlot: (kind, slot) => Effect.sync(() => unused(entryIn(kind, slot))),
    consume: (kind, key) =>
      Effect.sync(() => {
        const entry = entryOf(kind, key)
        if (entry === undefined) return Option.none()
        if (kind.outcome === undefined) entries.delete(idOf(kind, key))
        else entries.set(idOf(kind, key), { ...entry, isUsed: true })
        return unused(entry)
      }),
    finish: (kind, key, outcome) =>
      Effect.sync(() => {
        const entry = entryOf(kind, key)
        if (entry === undefined || !entry.isUsed || Option.isSome(entry.outcome)) return
        entries.set(idOf(kind, key), { ...entry, outcome: Option.some(outcome) })
      }),
    trace: <A extends SingleUseRecord, Outcome extends object>(kind: SingleUseKind<A>, key: string) =>
      Effect.sync(() =>
        Option.map(
          Option.fromUndefinedOr(entryOf<A, Outcome>(kind, key)),
          ({ isUsed, outcome, record }): SingleUseTrace<A, Outcome> => ({ record, isUsed, outcome })
        )
      ),
    voidOf: (users) =>
      Effect.sync(() => void remove(({ isUsed, users: own }) => !isUsed && own.some((one) => users.includes(one)))),
    purge: (now, limit) =>
      Effect.sync(() => remove(({ record }) => DateTime.isLessThanOrEqualTo(record.expiresAt, now), limit))
  })
})
