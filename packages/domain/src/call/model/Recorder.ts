/**
 * The users who record a call. The server sees no media: each client reports its own recording.
 */
import { Array, type DateTime, Schema } from "effect"
import { UserId } from "../../identity/model/UserId.ts"

/** A user who records the call, and the time at which the recording began. */
export const Recorder = Schema.Struct({ by: UserId, since: Schema.DateTimeUtc })
export type Recorder = typeof Recorder.Type

/** The recorders that a call keeps. The key is missing while no user records. */
interface Recorded {
  readonly recorders?: Array.NonEmptyReadonlyArray<Recorder>
}

export const isRecording = ({ recorders }: Recorded, user: UserId): boolean =>
  recorders?.some(({ by }) => by === user) ?? false

export const started = <A extends Recorded>(call: A, by: UserId, since: DateTime.Utc): A => ({
  ...call,
  recorders: [...call.recorders ?? [], { by, since }]
})

export const stopped = <A extends Recorded>({ recorders, ...call }: A, user: UserId): Omit<A, "recorders"> => {
  const left = recorders?.filter(({ by }) => by !== user) ?? []
  return Array.isReadonlyArrayNonEmpty(left) ? { ...call, recorders: left } : call
}

export const allStopped = <A extends Recorded>({ recorders: _, ...call }: A): Omit<A, "recorders"> => call
