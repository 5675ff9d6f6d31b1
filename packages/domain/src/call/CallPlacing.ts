/**
 * Places a call, or answers the call by which the prospective callee is calling the caller.
 */
import { Effect, Option } from "effect"
import { SecureRandom } from "effect/crypto"
import type { KeyedRequest } from "../idempotency/index.ts"
import type { UserId } from "../identity/model/UserId.ts"
import { CallConnections } from "./CallConnections.ts"
import { activeElsewhere, makeFacts, type Prepared } from "./CallFacts.ts"
import { CallsElsewhere } from "./CallsElsewhere.ts"
import { CallSteps, type StepOptions } from "./CallSteps.ts"
import { type Call, isOver, participation } from "./model/Call.ts"
import type { CallOver, RingingTooOften, UnknownParticipant } from "./model/CallErrors.ts"
import { CallId } from "./model/CallIds.ts"
import type { Actor, NewCall } from "./model/CallRequest.ts"
import { isPending } from "./model/Participation.ts"
import { CallEntitlement } from "./ports/CallEntitlement.ts"
import {
  activeCallOf,
  AppendConflict,
  CallRepository,
  type OpenEntry,
  VersionConflict
} from "./ports/CallRepository.ts"
import { CallSettings } from "./ports/CallSettings.ts"
import type { CallRefusalOf } from "./rules/CallMachine.ts"

/** The refusals of a call to place. The end of the call that it would answer is no refusal, but another attempt. */
export type PlacingRefusal = Exclude<CallRefusalOf<"Initiate">, CallOver> | UnknownParticipant | RingingTooOften

export const makePlacing = Effect.gen(function*() {
  const steps = yield* CallSteps
  const connections = yield* CallConnections
  const repository = yield* CallRepository
  const elsewhere = yield* CallsElsewhere
  const entitlement = yield* CallEntitlement
  const random = yield* SecureRandom.SecureRandom
  const { timeouts } = yield* CallSettings
  const facts = yield* makeFacts

  const prepare = Effect.fnUntraced(function*(
    actor: Actor,
    { groupId, participants, type }: NewCall,
    id: CallId,
    crossed: Call | undefined,
    entries: ReadonlyArray<OpenEntry>
  ) {
    const limits = { ...yield* entitlement.limitsFor(crossed?.initiatorId ?? actor.userId), timeouts }
    const callees = yield* facts.callees(participants, actor.userId, id, entries)
    const prepared: Prepared<"Initiate"> = {
      command: {
        _tag: "Initiate",
        callId: id,
        by: actor.userId,
        ...(actor.device && { device: actor.device }),
        reportsMedia: actor.reportsMedia ?? false,
        ...activeElsewhere(entries, actor.userId, id),
        callees,
        callType: type,
        ...(groupId && { groupId }),
        limits
      }
    }
    return prepared
  })

  /** The open direct call in which the prospective callee is calling this user. */
  const crossing = Effect.fnUntraced(function*(
    user: UserId,
    { groupId, participants }: NewCall,
    entries: ReadonlyArray<OpenEntry>
  ) {
    const [callee, ...others] = participants
    if (groupId !== undefined || others.length > 0) return Option.none()
    const other = activeCallOf(entries, callee)
    if (other === undefined) return Option.none()
    return Option.filter(yield* steps.recall(other), (call) => isCalledBy(call, callee, user))
  })

  return Effect.fnUntraced(function*(
    actor: Actor,
    call: NewCall,
    admit: StepOptions<RingingTooOften>["admit"],
    keyed: KeyedRequest | undefined
  ) {
    const gather = repository.openEntries([actor.userId, ...call.participants])
    const first = yield* gather
    // A race may have changed the calls of these users before a further attempt.
    let entries = Effect.succeed(first)
    const prepareWithEntries = (id: CallId) => (crossed: Call | undefined) =>
      Effect.flatMap(entries, (found) => {
        entries = gather
        return prepare(actor, call, id, crossed, found)
      })
    const take = (id: CallId, created: boolean) => {
      const request = keyed && { ...keyed, result: id }
      return connections.enter(
        actor,
        id,
        (options) => steps.take(id, prepareWithEntries(id), { ...options, request, admit, isNew: created })
      ).pipe(
        Effect.tap(({ records }) => elsewhere.leave(id, records)),
        Effect.map(({ call, changed: isRecorded }) => ({ answer: { call, created }, result: id, isRecorded })),
        // The callee's own call has ended meanwhile.
        Effect.catchTag(
          ["CallOver", "CallNotFound"],
          () => Effect.fail(new AppendConflict({ reason: new VersionConflict() }))
        )
      )
    }
    const crossed = yield* crossing(actor.userId, call, first)
    if (Option.isSome(crossed)) return yield* take(crossed.value.id, false)
    return yield* take(CallId.make(yield* random.uuidV7()), true).pipe(
      Effect.catchTag(
        "AppendConflict",
        ({ reason }) =>
          reason._tag === "PairTaken" ? take(reason.callId, false) : Effect.fail(new AppendConflict({ reason }))
      )
    )
  })
})

const isCalledBy = (call: Call, initiator: UserId, callee: UserId): boolean => {
  const person = participation(call, callee)
  return !isOver(call) && call.kind === "direct" && call.initiatorId === initiator &&
    person !== undefined && isPending(person)
}
