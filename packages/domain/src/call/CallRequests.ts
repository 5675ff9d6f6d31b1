/**
 * Turns the requests of users into commands: first the checks that need no call, then the facts for a given call.
 */
import { Effect } from "effect"
import { gatherCallees, gatherEntries, gatherForEntering, gatherPlan, type Prepared } from "./CallFacts.ts"
import { checkCandidates, checkDescription } from "./CheckedSignalling.ts"
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

/** The requests whose commands need no facts, unless an answer accepts the call. */
const quick = {
  Alert: (actor: Actor) => prepared({ _tag: "Alert", ...byActor(actor) }),
  ChangeMedia: (actor: Actor, { _tag, ...changes }: CallRequestOf<"ChangeMedia">) =>
    prepared({ _tag, ...byActor(actor), changes }),
  ReportLink: (actor: Actor, report: CallRequestOf<"ReportLink">) => prepared({ ...report, ...byActor(actor) }),
  Offer: (actor: Actor, { sdp, ...offer }: CallRequestOf<"Offer">) =>
    Effect.map(
      checkDescription(actor.userId, sdp),
      (digest): Prepared<"Offer"> => ({ sdp, command: { ...offer, ...byActor(actor), digest } })
    ),
  Answer: (actor: Actor, { sdp, ...answer }: CallRequestOf<"Answer">) =>
    Effect.map(
      checkDescription(actor.userId, sdp),
      (digest): Prepared<"Answer"> => ({ sdp, command: { ...answer, ...byActor(actor), digest } })
    ),
  Candidates: (actor: Actor, { candidates, ...rest }: CallRequestOf<"Candidates">) =>
    Effect.map(checkCandidates(actor.userId, candidates), (checked): Prepared<"Candidates"> => ({
      candidates: checked,
      command: { ...rest, ...byActor(actor), digests: [...checked.keys()] }
    }))
}

/** A request that can take the quick way: see `Signalling`. */
export type QuickRequest = CallRequestOf<keyof typeof quick>

/** The same command for every state of the call. */
const always = <Tag extends CallCommand["_tag"], E, R>(command: Effect.Effect<Prepared<Tag>, E, R>) =>
  Effect.map(command, (prepared) => () => Effect.succeed(prepared))

/** Each makes a function from the state of the call to the command. That function runs again on a newer state. */
const requests = {
  Alert: (actor: Actor) => always(quick.Alert(actor)),
  Accept: (actor: Actor) =>
    Effect.succeed((call: Call) =>
      Effect.flatMap(
        gatherForEntering(actor.userId, call),
        (facts) => prepared({ _tag: "Accept", ...enteringBy(actor), ...facts })
      )
    ),
  Decline: (actor: Actor, { reason = "declined" }: CallRequestOf<"Decline">) =>
    always(prepared({ _tag: "Decline", ...byActor(actor), reason })),
  Leave: (actor: Actor) => always(prepared({ _tag: "Leave", ...byActor(actor) })),
  End: (actor: Actor, { forEveryone }: CallRequestOf<"End">) =>
    always(prepared({ _tag: forEveryone === true ? "End" : "Leave", ...byActor(actor) })),
  Invite: Effect.fnUntraced(function*(actor: Actor, { userId }: CallRequestOf<"Invite">) {
    const { admit } = yield* RingLimit
    yield* admit(actor.userId, [userId])
    return Effect.fnUntraced(function*(call: Call) {
      const entries = yield* gatherEntries([userId])
      const [callee] = yield* gatherCallees([userId], actor.userId, call.id, entries)
      return yield* prepared({ _tag: "Invite", ...byActor(actor), callee })
    })
  }),
  Join: (actor: Actor) =>
    Effect.succeed(Effect.fnUntraced(function*(call: Call) {
      const { mayJoin } = yield* CallPolicy
      const granted = yield* mayJoin(call, actor.userId)
      const facts = yield* gatherForEntering(actor.userId, call)
      return yield* prepared({ _tag: "Join", ...enteringBy(actor), granted, ...facts })
    })),
  Kick: (actor: Actor, { userId }: CallRequestOf<"Kick">) =>
    always(prepared({ _tag: "Kick", ...byActor(actor), userId })),
  ChangeMedia: (actor: Actor, request: CallRequestOf<"ChangeMedia">) => always(quick.ChangeMedia(actor, request)),
  StartRecording: (actor: Actor) =>
    Effect.succeed((call: Call) =>
      Effect.flatMap(
        call.limits.recording ? Effect.succeed({}) : gatherPlan(call),
        (facts) => prepared({ _tag: "StartRecording", ...byActor(actor), ...facts })
      )
    ),
  StopRecording: (actor: Actor) => always(prepared({ _tag: "StopRecording", ...byActor(actor) })),
  Offer: (actor: Actor, request: CallRequestOf<"Offer">) => always(quick.Offer(actor, request)),
  Answer: (actor: Actor, request: CallRequestOf<"Answer">) =>
    Effect.map(quick.Answer(actor, request), (answer) => (call: Call) => {
      const person = participation(call, actor.userId)
      if (person === undefined || !isPending(person)) return Effect.succeed(answer)
      return Effect.map(gatherForEntering(actor.userId, call), (facts): Prepared<"Answer"> => ({
        ...answer,
        command: { ...answer.command, ...enteringBy(actor), ...facts }
      }))
    }),
  Candidates: (actor: Actor, request: CallRequestOf<"Candidates">) => always(quick.Candidates(actor, request)),
  ReportLink: (actor: Actor, request: CallRequestOf<"ReportLink">) => always(quick.ReportLink(actor, request))
}

type Checked<Tag extends CallRequest["_tag"]> = ReturnType<(typeof requests)[Tag]>
type Preparing<Tag extends CallRequest["_tag"]> = ReturnType<Effect.Success<Checked<Tag>>>
type Quick = ReturnType<(typeof quick)[keyof typeof quick]>

/** The refusals of a request on a call by its id: of its checks, of its facts, and of its command. */
export type RequestRefusal<Tag extends CallRequest["_tag"]> =
  | CallNotFound
  | CallContended
  | Effect.Error<Checked<Tag>>
  | Effect.Error<Preparing<Tag>>
  | CallRefusalOf<Effect.Success<Preparing<Tag>>["command"]["_tag"]>

/** The services that check requests and find the facts of commands. */
export type Facts = Effect.Services<Checked<CallRequest["_tag"]> | Preparing<CallRequest["_tag"]>>

/** Checks a request. Returns the function that makes the command for a given state of the call. */
export const checkRequest = (
  actor: Actor,
  request: CallRequest
): Effect.Effect<
  (call: Call) => Effect.Effect<Prepared, Effect.Error<Preparing<CallRequest["_tag"]>>, Facts>,
  Effect.Error<Checked<CallRequest["_tag"]>>,
  Facts
> => requests[request._tag](actor, request as never)

/** Checks a quick request. Returns the command for a state of the call that is enough to decide the command. */
export const checkQuickly = (
  actor: Actor,
  request: QuickRequest
): Effect.Effect<Prepared, Effect.Error<Quick>, Effect.Services<Quick>> => quick[request._tag](actor, request as never)
