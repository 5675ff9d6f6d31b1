/**
 * The repository of one host, with faults between the host and the store.
 */
import type { AppendConflict, CallAppend, CallId, CallRepository } from "@dchat/domain/call"
import { Array, Cause, Effect, Exit, Option } from "effect"
import type { Dice } from "../Dice.ts"

type Repository = CallRepository["Service"]

const chances = [
  [76, "none"],
  [10, "another host appends first"],
  [3, "the append fails"],
  [2, "one step fails"],
  [3, "the answer of the append is lost"],
  [3, "the host crashes before the append"],
  [3, "the host crashes after the append"]
] as const

export type Fault = Exclude<typeof chances[number][1], "none"> | "a read fails"

export const faults: ReadonlyArray<Fault> = [
  ...chances.flatMap(([, name]) => name === "none" ? [] : [name]),
  "a read fails"
]

/** The reason for which the store refuses a step. */
export type Conflict = AppendConflict["reason"]["_tag"]

/** Percent of the reads that fail. */
const failingReads = 2

export interface Faults {
  readonly dice: Dice
  /** Without faults, the store only takes its time. */
  isOn: boolean
  readonly count: (happened: Fault | Conflict) => void
  /** Whether the host has crashed: it gets no answer from the store any more. */
  readonly isDead: () => boolean
  readonly crash: () => void
  /** Another host changes the call. */
  readonly changeElsewhere: (id: CallId) => Effect.Effect<void>
}

const failure = Effect.die(new Error("the store fails"))

export const faultyStore = (store: Repository, faults: Faults): Repository => {
  const { changeElsewhere, count, crash, dice, isDead } = faults

  /** Fibers of other hosts run meanwhile. A crashed host never continues. */
  const pause = Effect.suspend(() =>
    isDead()
      ? Effect.never
      : Effect.forEach(Array.range(1, 1 + dice.below(4)), () => Effect.yieldNow, { discard: true })
  ).pipe(Effect.andThen(Effect.suspend(() => isDead() ? Effect.never : Effect.void)))

  const happens = (fault: Fault) => Effect.sync(() => count(fault))

  const append: Repository["append"] = (steps) =>
    Effect.tap(store.append(steps), (verdicts) =>
      Effect.sync(() => {
        for (const verdict of verdicts) {
          if (Exit.isFailure(verdict)) {
            Option.map(Cause.findErrorOption(verdict.cause), ({ reason }) => count(reason._tag))
          }
        }
      }))

  const crashing = Effect.andThen(Effect.sync(crash), Effect.never)

  const appendAllButOne = (steps: Array.NonEmptyReadonlyArray<CallAppend>) => {
    const left = dice.below(steps.length)
    const others = steps.filter((_, index) => index !== left)
    const stored: Effect.Effect<ReadonlyArray<Exit.Exit<void, AppendConflict>>> = Array.isReadonlyArrayNonEmpty(others)
      ? append(others)
      : Effect.succeed([])
    return Effect.map(stored, (verdicts) => verdicts.toSpliced(left, 0, Exit.die(new Error("the step fails"))))
  }

  const appendBy = (
    steps: Array.NonEmptyReadonlyArray<CallAppend>
  ): Effect.Effect<ReadonlyArray<Exit.Exit<void, AppendConflict>>> => {
    const fault = faults.isOn ? dice.weighted(chances) ?? "none" : "none"
    if (fault === "none") return append(steps)
    count(fault)
    switch (fault) {
      case "another host appends first":
        return Effect.andThen(changeElsewhere(dice.pick(steps).call.id), append(steps))
      case "the append fails":
        return failure
      case "one step fails":
        return appendAllButOne(steps)
      case "the answer of the append is lost":
        return Effect.andThen(append(steps), failure)
      case "the host crashes before the append":
        return crashing
      case "the host crashes after the append":
        return Effect.andThen(append(steps), crashing)
    }
  }

  const read = <A>(effect: Effect.Effect<A>) =>
    Effect.andThen(
      pause,
      Effect.suspend(() =>
        faults.isOn && dice.chance(failingReads) ? Effect.andThen(happens("a read fails"), failure) : effect
      )
    )

  return {
    ...store,
    load: (id) => read(store.load(id)),
    loadAll: (ids) => read(store.loadAll(ids)),
    signals: (id, seqs) => read(store.signals(id, seqs)),
    openEntries: (users) => read(store.openEntries(users)),
    append: (steps) => pause.pipe(Effect.andThen(Effect.suspend(() => appendBy(steps))), Effect.tap(() => pause))
  }
}
