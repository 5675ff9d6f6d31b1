/**
 * Keeps steps of calls in Postgres. A step that touches only its call, its events and its signals is stored beside
 * others by one small statement. A step that claims something (a pair, a user, a lease, an idempotency key) is stored
 * beside others as well, and alone if one of them meets an obstacle.
 */
import {
  AppendConflict,
  type CallAppend,
  CallId,
  CallProjection,
  LeaseMoved,
  PairTaken,
  UserActive,
  VersionConflict
} from "@dchat/domain/call"
import { KeyInUse } from "@dchat/domain/idempotency"
import { UserId } from "@dchat/domain/identity"
import { Array, Effect, Exit, Option, Predicate, Schema } from "effect"
import { type SqlError, SqlSchema } from "effect/sql"
import { AppendConnections } from "../AppendConnections.ts"
import { claimingRows, isPlain, plainRows } from "./CallAppendRows.ts"
import * as ClaimingAppend from "./ClaimingAppend.ts"
import * as PlainAppend from "./PlainAppend.ts"

type Verdict = Exit.Exit<void, AppendConflict>

/** The number of retries of an append that the database aborted in favour of another. */
const retries = 3

/** The outcome of a step whose call another step has changed. */
const moved: Verdict = Exit.fail(new AppendConflict({ reason: new VersionConflict() }))

/** Maximum number of claiming steps in one statement. */
const claimsTogether = 32

/** The obstacle of a step. Nothing of the step was stored. */
class Obstructed extends Schema.TaggedError<Obstructed>()("Obstructed", {
  by: Schema.Literals(["KeyInUse", "VersionConflict", "PairTaken", "UserActive", "LeaseMoved"])
}) {}

const isObstacle = Schema.is(Obstructed.fields.by)

export const make = Effect.gen(function*() {
  const sql = yield* AppendConnections.orShared
  const storePlain = PlainAppend.make(sql)
  const storeClaiming = ClaimingAppend.make(sql)

  const selectPair = SqlSchema.findOneOption({
    Request: Schema.Tuple([UserId, UserId]),
    Result: Schema.Struct({ callId: CallId }),
    execute: ([low, high]) =>
      sql`SELECT call_id AS "callId" FROM open_direct_calls WHERE user_low = ${low} AND user_high = ${high}`
  })
  const selectActive = SqlSchema.findOneOption({
    Request: Schema.Struct({ callId: CallId, users: Schema.Array(UserId) }),
    Result: Schema.Struct({ userId: UserId, callId: CallId }),
    execute: ({ callId, users }) =>
      sql`SELECT user_id AS "userId", call_id AS "callId" FROM user_calls
          WHERE user_id = ANY(${users}::uuid[]) AND state = 'active' AND call_id <> ${callId}
          ORDER BY user_id LIMIT 1`
  })

  const plain = (steps: ReadonlyArray<CallAppend>): Effect.Effect<ReadonlyArray<Verdict>> =>
    storePlain(plainRows(steps)).pipe(
      Effect.retry({ while: isGivenUp, times: retries }),
      Effect.map((stored) => steps.map(({ call }): Verdict => stored.has(call.id) ? Exit.void : moved)),
      Effect.catch((error) => {
        if (steps.length === 1) return Effect.succeed([isGivenUp(error) ? moved : Exit.die(error)])
        return isOfOneStep(error)
          ? Effect.map(Effect.forEach(steps, (step) => plain([step])), Array.flatten)
          : Effect.die(error)
      })
    )

  /**
   * Locks the call, so that no lease is bound to the call between the search for other leases and the release of the
   * last one.
   */
  const whileLocked = (step: CallAppend, store: Effect.Effect<unknown, SqlError.SqlError>) =>
    step.lease && "release" in step.lease
      ? sql.withTransaction(Effect.andThen(sql`SELECT FROM calls WHERE id = ${step.call.id} FOR UPDATE`, store))
      : store

  const store = (steps: ReadonlyArray<CallAppend>) => storeClaiming(claimingRows(steps))

  const alone = (step: CallAppend) =>
    whileLocked(step, store([step])).pipe(
      Effect.retry({ while: isGivenUp, times: retries }),
      Effect.catch((error) => {
        const by = isGivenUp(error) ? "VersionConflict" : obstacleOf(error)
        return by === undefined ? Effect.die(error) : Effect.fail(new Obstructed({ by }))
      }),
      Effect.asVoid,
      Effect.catchTag("Obstructed", (obstacle) =>
        Effect.flatMap(explain(step, obstacle), (reason) => Effect.fail(new AppendConflict({ reason })))),
      Effect.exit
    )

  const claiming = Effect.fnUntraced(function*(steps: ReadonlyArray<CallAppend>) {
    if (steps.length > 1) {
      const isStored = yield* store(steps).pipe(
        Effect.as(true),
        Effect.catch((error) => isGivenUp(error) || isOfOneStep(error) ? Effect.succeed(false) : Effect.die(error))
      )
      if (isStored) return steps.map((): Verdict => Exit.void)
    }
    return yield* Effect.forEach(steps, alone)
  })

  /** Finds the obstacle after the transaction. If the obstacle is gone by then, the step is worth a retry. */
  const explain = Effect.fnUntraced(function*({ call }: CallAppend, { by }: Obstructed) {
    switch (by) {
      case "KeyInUse":
        return new KeyInUse()
      case "VersionConflict":
        return new VersionConflict()
      case "LeaseMoved":
        return new LeaseMoved()
      case "PairTaken": {
        const pair = CallProjection.pairOf(call)
        const winner = pair && Option.getOrUndefined(yield* selectPair(pair))
        return winner ? new PairTaken(winner) : new VersionConflict()
      }
      case "UserActive": {
        const winner = Option.getOrUndefined(
          yield* selectActive({ callId: call.id, users: CallProjection.leaseholders(call) })
        )
        return winner ? new UserActive(winner) : new VersionConflict()
      }
    }
  }, Effect.orDie)

  return Effect.fnUntraced(function*(steps: Array.NonEmptyReadonlyArray<CallAppend>) {
    const inOrder = steps.toSorted((one, other) => one.call.id < other.call.id ? -1 : 1)
    const plains = inOrder.filter(isPlain)
    const releases = inOrder.filter(({ lease }) => lease !== undefined && "release" in lease)
    const others = inOrder.filter((step) => !plains.includes(step) && !releases.includes(step))
    const verdicts = new Map<CallId, Verdict>()
    const keep = (some: ReadonlyArray<CallAppend>, theirs: ReadonlyArray<Verdict>) =>
      some.forEach(({ call }, index) => verdicts.set(call.id, theirs[index] ?? Exit.void))
    if (plains.length > 0) keep(plains, yield* plain(plains))
    for (const some of Array.chunksOf(others, claimsTogether)) keep(some, yield* claiming(some))
    keep(releases, yield* Effect.forEach(releases, alone))
    return steps.map(({ call }) => verdicts.get(call.id) ?? Exit.void)
  })
})

/** The obstacle that the statement reported, or the constraint that stood in its way. */
const obstacleOf = ({ reason }: SqlError.SqlError): Obstructed["by"] | undefined => {
  if (reason._tag === "UniqueViolation" && reason.constraint === "user_calls_one_active") return "UserActive"
  const { cause } = reason
  if (!Predicate.hasProperty(cause, "code") || cause.code !== ClaimingAppend.obstructed) return undefined
  return Predicate.hasProperty(cause, "message") && isObstacle(cause.message) ? cause.message : undefined
}

/** Whether one of several steps may be the reason: not a database that is away or takes too long. */
const isOfOneStep = ({ reason }: SqlError.SqlError): boolean =>
  reason._tag !== "ConnectionError" && reason._tag !== "StatementTimeoutError" && reason._tag !== "LockTimeoutError"

/** The database chose another transaction over this one; nothing of this one was kept. */
const isGivenUp = ({ reason }: SqlError.SqlError): boolean =>
  reason._tag === "DeadlockError" || reason._tag === "SerializationError"
