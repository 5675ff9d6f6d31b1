/**
 * `dchat calls list`: the calls that are open at the moment.
 */
import { type Call, type CallId, CallRepository } from "@dchat/domain/call"
import { Console, DateTime, Effect, Option, Stream } from "effect"
import { Command } from "effect/cli"

const pageSize = 100

/** Every open call has a deadline, so all are due before the end of time. */
const endOfTime = DateTime.makeUnsafe("9999-12-31T00:00:00Z")

const lineOf = ({ id, initiatedAt, kind, participants, phase, type }: Call) =>
  `${id}  ${phase}  ${kind} ${type}  ${participants.length} participants  since ${DateTime.formatIso(initiatedAt)}`

/** A newer release keeps it, or its state is damaged; `dchat calls end` ends it all the same. */
const unreadable = (id: CallId) => `${id}  unreadable`

const openLines = Stream.unwrap(
  Effect.map(
    CallRepository,
    (repository) =>
      Stream.paginate(undefined as CallId | undefined, (after) =>
        Effect.gen(function*() {
          const ids = yield* repository.dueBefore(endOfTime, { after, limit: pageSize })
          const calls = yield* repository.loadAll(ids)
          const byId = new Map(calls.map((call) => [call.id, call]))
          const lines = ids.map((id) =>
            Option.match(Option.fromUndefinedOr(byId.get(id)), { onNone: () => unreadable(id), onSome: lineOf })
          )
          return [lines, Option.fromUndefinedOr(ids.length < pageSize ? undefined : ids.at(-1))] as const
        }))
  )
)

export const list = Command.make(
  "list",
  {},
  Effect.fn(function*() {
    const found = yield* Stream.runCount(Stream.tap(openLines, (line) => Console.log(line)))
    if (found === 0) yield* Console.log("No call is open.")
  })
).pipe(Command.withDescription("List the open calls, oldest first"))
