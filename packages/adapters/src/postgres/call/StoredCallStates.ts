/**
 * Reads the stored states of calls one by one. A state that this host cannot read (of a newer release, or damaged)
 * is left as it is and reported once; all other calls go on.
 */
import { Call, CallId, callStateVersion } from "@dchat/domain/call"
import { Context, Effect, Layer, type Option, Result, Schema } from "effect"

/** The state of a call as stored, which may be unreadable. */
export const StoredState = Schema.Struct({ id: CallId, stateVersion: Schema.Int, state: Schema.Unknown })
export type StoredState = typeof StoredState.Type

/** The version of a state that must not be read any more: the call was ended without it. */
export const discardedVersion = 0

/** The error of a call that cannot be read. */
const discarded = "it could not be read, and was ended so"

/** A host remembers this many calls that it cannot read; the ones it met first are forgotten first. */
const remembered = 10_000

const decodeState = Schema.decodeUnknownResult(Schema.toCodecJson(Call))

const inOneLine = ({ message }: { readonly message: string }) => message.replaceAll(/\s+/g, " ").slice(0, 300)

const decoded = ({ state, stateVersion }: StoredState): Result.Result<Call, string> => {
  if (stateVersion === discardedVersion) return Result.fail(discarded)
  if (stateVersion > callStateVersion) {
    return Result.fail(`a newer release keeps it in version ${stateVersion}, this one reads ${callStateVersion}`)
  }
  return Result.mapError(decodeState(state), inOneLine)
}

/** The reason why a call cannot be read, if any. */
export const faultOf = (row: StoredState): Option.Option<string> => Result.getFailure(decoded(row))

export class StoredCallStates extends Context.Service<StoredCallStates, {
  /** The call of a row, if this host can read it. */
  read(row: StoredState): Effect.Effect<Option.Option<Call>>
  /** The calls that this host was last unable to read. */
  readonly unreadable: Effect.Effect<ReadonlyArray<CallId>>
}>()("@dchat/adapters/postgres/StoredCallStates") {
  static readonly layer = Layer.sync(StoredCallStates, () => {
    const unreadable = new Set<CallId>()

    const report = Effect.fnUntraced(function*(id: CallId, reason: string) {
      if (unreadable.has(id)) return
      unreadable.add(id)
      for (const first of unreadable) {
        if (unreadable.size <= remembered) break
        unreadable.delete(first)
      }
      yield* Effect.logError(`the call ${id} cannot be read and stays unchanged: ${reason}`)
    })

    return StoredCallStates.of({
      read: Effect.fnUntraced(function*(row) {
        const call = decoded(row)
        if (Result.isSuccess(call)) unreadable.delete(row.id)
        else if (row.stateVersion !== discardedVersion) yield* report(row.id, call.failure)
        return Result.getSuccess(call)
      }),
      unreadable: Effect.sync(() => [...unreadable])
    })
  })
}
