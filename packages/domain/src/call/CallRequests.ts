/**
 * Turns the requests of users into commands: first the checks that need no call, then the facts for a given call.
 */
import { Effect, Result } from "effect"
import { makeFacts, type Prepared } from "./CallFacts.ts"
import { makeCheckedSignalling } from "./CheckedSignalling.ts"
import { type Call, participation } from "./model/Call.ts"
import type { CallCommand, CallCommandOf } from "./model/CallCommand.ts"
import type { CallContended, CallNotFound } from "./model/CallErrors.ts"
import type { Actor, CallRequest, CallRequestOf } from "./model/CallRequest.ts"
import { isPending } from "./model/Participation.ts"
import { CallPolicy } from "./ports/CallPolicy.ts"
import { RingLimit } from "./ports/RingLimit.ts"
import type { CallRefusalOf } from "./rules/CallMachine.ts"

const byActor = ({ device, userId }: Actor) => ({ by: userId, ...(device && { device }) })

const enteringBy = (actor: Actor) => ({ ...byActor(actor), reportsMedia: actor.reportsMedia ?? false })

const prepared = <Tag extends CallCommand["_tag"]>(command: CallCommandOf<Tag>) =>
  Effect.succeed<Prepared<Tag>>({ command })

/** The same command for every state of the call. */
const always = <Tag extends CallCommand["_tag"], E>(command: Result.Result<Prepared<Tag>, E>) =>
  Effect.map(Effect.fromResult(command), (prepared) => () => Effect.succeed(prepared))

const alwaysOf = <Tag extends CallCommand["_tag"]>(command: CallCommandOf<Tag>) =>
  always(Result.succeed<Prepared<Tag>>({ command }))

const makeTables = Effect.gen(function*() {
  const checked = yield* makeCheckedSignalling
  const facts = yield* makeFacts
  const { admit } = yield* RingLimit
  const { mayJoin } = yield* CallPolicy

  /** The requests whose commands need no facts, unless an answer accepts the call. */
  const quick = {
    Alert: (actor: Actor) => Result.succeed<Prepared<"Alert">>({ command: { _tag: "Alert", ...byActor(actor) } }),
    ChangeMedia: (actor: Actor, { _tag, ...changes }: CallRequestOf<"ChangeMedia">) =>
      Result.succeed<Prepared<"ChangeMedia">>({ command: { _tag, ...byActor(actor), changes } }),
    ReportLink: (actor: Actor, report: CallRequestOf<"ReportLink">) =>
      Result.succeed<Prepared<"ReportLink">>({ command: { ...report, ...byActor(actor) } }),
    Offer: (actor: Actor, { sdp, ...offer }: CallRequestOf<"Offer">) =>
      Result.map(
        checked.description(actor.userId, sdp),
        (digest): Prepared<"Offer"> => ({ sdp, command: { ...offer, ...byActor(actor), digest } })
      ),
    Answer: (actor: Actor, { sdp, ...answer }: CallRequestOf<"Answer">) =>
      Result.map(
        checked.description(actor.userId, sdp),
        (digest): Prepared<"Answer"> => ({ sdp, command: { ...answer, ...byActor(actor), digest } })
      ),
    Candidates: (actor: Actor, { candidates, ...rest }: CallRequestOf<"Candidates">) =>
      Result.map(checked.candidates(actor.userId, candidates), (byDigest): Prepared<"Candidates"> => ({
        candidates: byDigest,
        command: { ...rest, ...byActor(actor), digests: [...byDigest.keys()] }
      }))
  }

  /** Each makes a function from the state of the call to the command. That function runs again on a newer state. */
  const requests = {
    Alert: (actor: Actor) => always(quick.Alert(actor)),
    Accept: (actor: Actor) =>
      Effect.succeed((call: Call) =>
        Effect.flatMap(
          facts.forEntering(actor.userId, call),
          (found) => prepared({ _tag: "Accept", ...enteringBy(actor), ...found })
        )
      ),
    Decline: (actor: Actor, { reason = "declined" }: CallRequestOf<"Decline">) =>
      alwaysOf({ _tag: "Decline", ...byActor(actor), reason }),
    Leave: (actor: Actor) => alwaysOf({ _tag: "Leave", ...byActor(actor) }),
    End: (actor: Actor, { forEveryone }: CallRequestOf<"End">) =>
      alwaysOf<"End" | "Leave">({ _tag: forEveryone === true ? "End" : "Leave", ...byActor(actor) }),
    Invite: Effect.fnUntraced(function*(actor: Actor, { userId }: CallRequestOf<"Invite">) {
      yield* admit(actor.userId, [userId])
      return Effect.fnUntraced(function*(call: Call) {
        const entries = yield* facts.entries([userId])
        const [callee] = yield* facts.callees([userId], actor.userId, call.id, entries)
        return yield* prepared({ _tag: "Invite", ...byActor(actor), callee })
      })
    }),
    Join: (actor: Actor) =>
      Effect.succeed(Effect.fnUntraced(function*(call: Call) {
        const granted = yield* mayJoin(call, actor.userId)
        const found = yield* facts.forEntering(actor.userId, call)
        return yield* prepared({ _tag: "Join", ...enteringBy(actor), granted, ...found })
      })),
    Kick: (actor: Actor, { userId }: CallRequestOf<"Kick">) => alwaysOf({ _tag: "Kick", ...byActor(actor), userId }),
    ChangeMedia: (actor: Actor, request: CallRequestOf<"ChangeMedia">) => always(quick.ChangeMedia(actor, request)),
    StartRecording: (actor: Actor) =>
      Effect.succeed((call: Call) =>
        Effect.flatMap(
          call.limits.recording ? Effect.succeed({}) : facts.plan(call),
          (found) => prepared({ _tag: "StartRecording", ...byActor(actor), ...found })
        )
      ),
    StopRecording: (actor: Actor) => alwaysOf({ _tag: "StopRecording", ...byActor(actor) }),
    Offer: (actor: Actor, request: CallRequestOf<"Offer">) => always(quick.Offer(actor, request)),
    Answer: (actor: Actor, request: CallRequestOf<"Answer">) =>
      Effect.map(Effect.fromResult(quick.Answer(actor, request)), (answer) => (call: Call) => {
        const person = participation(call, actor.userId)
        if (person === undefined || !isPending(person)) return Effect.succeed(answer)
        return Effect.map(facts.forEntering(actor.userId, call), (found): Prepared<"Answer"> => ({
          ...answer,
          command: { ...answer.command, ...enteringBy(actor), ...found }
        }))
      }),
    Candidates: (actor: Actor, request: CallRequestOf<"Candidates">) => always(quick.Candidates(actor, request)),
    ReportLink: (actor: Actor, request: CallRequestOf<"ReportLink">) => always(quick.ReportLink(actor, request))
  }

  return { quick, requests }
})

type Tables = Effect.Success<typeof makeTables>

/** A request that can take the quick way: see `Signalling`. */
export type QuickRequest = CallRequestOf<keyof Tables["quick"]>

type Checked<Tag extends CallRequest["_tag"]> = ReturnType<Tables["requests"][Tag]>
type Preparing<Tag extends CallRequest["_tag"]> = ReturnType<Effect.Success<Checked<Tag>>>
type Quick = ReturnType<Tables["quick"][keyof Tables["quick"]]>

/** The refusals of a request on a call by its id: of its checks, of its facts, and of its command. */
export type RequestRefusal<Tag extends CallRequest["_tag"]> =
  | CallNotFound
  | CallContended
  | Effect.Error<Checked<Tag>>
  | Effect.Error<Preparing<Tag>>
  | CallRefusalOf<Effect.Success<Preparing<Tag>>["command"]["_tag"]>

/** Checks a request. Returns the function that makes the command for a given state of the call. */
type CheckRequest = (
  actor: Actor,
  request: CallRequest
) => Effect.Effect<
  (call: Call) => Effect.Effect<Prepared, Effect.Error<Preparing<CallRequest["_tag"]>>>,
  Effect.Error<Checked<CallRequest["_tag"]>>
>

/** Checks a quick request. Returns the command for a state of the call that is enough to decide the command. */
type CheckQuickly = (actor: Actor, request: QuickRequest) => Result.Result<Prepared, Result.Result.Failure<Quick>>

export const makeCallRequests = Effect.map(makeTables, ({ quick, requests }) => {
  const check: CheckRequest = (actor, request) => requests[request._tag](actor, request as never)
  const checkQuickly: CheckQuickly = (actor, request) => quick[request._tag](actor, request as never)
  return { check, checkQuickly }
})
