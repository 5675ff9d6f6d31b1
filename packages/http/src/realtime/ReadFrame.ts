/**
 * Decodes the frames of a client.
 */
import { Option, Predicate, Result, Schema, type SchemaIssue } from "effect"
import { type ClientFrame, clientFrames, frameIdLength } from "../api/RealtimeFrames.ts"
import { issuesOf } from "../handlers/SchemaIssues.ts"
import { FrameInvalid } from "./FrameErrors.ts"
import { readQuickFrame } from "./ReadQuickFrame.ts"

/** The reason why a frame cannot be carried out. */
export interface Unreadable {
  readonly error: FrameInvalid
  /** The id of the frame, where the frame has one. */
  readonly id?: string
  /** Neither JSON nor a type of the protocol: no client of this protocol says that. */
  readonly isForeign: boolean
}

const decoders = new Map([...clientFrames].map(([type, frame]) => [type, Schema.decodeUnknownResult(frame)]))

const parseJson = Option.liftThrowable((text: string): unknown => JSON.parse(text))

const foreign = (
  path: ReadonlyArray<string>,
  message: string,
  id: { readonly id?: string } = {}
): Result.Result<never, Unreadable> =>
  Result.fail({ error: new FrameInvalid({ issues: [{ path, message }] }), isForeign: true, ...id })

const invalid = ({ issue }: { readonly issue: SchemaIssue.Issue }, id: { readonly id?: string }): Unreadable => ({
  error: new FrameInvalid({ issues: issuesOf(issue) }),
  isForeign: false,
  ...id
})

/** Ids that are longer are those of no frame, and not repeated. */
const idOf = (frame: object) =>
  "id" in frame && typeof frame.id === "string" && frame.id.length <= frameIdLength ? { id: frame.id } : {}

export const readFrame = (data: string | Uint8Array): Result.Result<ClientFrame, Unreadable> => {
  const json = typeof data === "string" ? parseJson(data) : Option.none()
  if (Option.isNone(json) || !Predicate.isObject(json.value)) {
    return foreign([], "Expected a text frame with a JSON object")
  }
  const quick = readQuickFrame(json.value)
  if (quick !== undefined) return Result.succeed(quick)
  const id = idOf(json.value)
  const decode = "type" in json.value && typeof json.value.type === "string" && decoders.get(json.value.type)
  if (!decode) return foreign(["type"], "Expected a type of the protocol", id)
  return Result.mapError(decode(json.value), (error) => invalid(error, id))
}
