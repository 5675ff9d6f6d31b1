/**
 * Errors of an invalid frame, of any type.
 */
import { Schema } from "effect"
import { RequestIssue } from "../api/RequestErrors.ts"

/** Not a text frame with JSON of the protocol. The issues name places and expectations, never what was sent. */
export class FrameInvalid extends Schema.TaggedError<FrameInvalid>()("FrameInvalid", {
  issues: Schema.Array(RequestIssue)
}) {}

/** A command before `hello`. */
export class HelloExpected extends Schema.TaggedError<HelloExpected>()("HelloExpected", {}) {}

/** A second `hello`. */
export class HelloRepeated extends Schema.TaggedError<HelloRepeated>()("HelloRepeated", {}) {}

/** The server failed while it carried out a frame. The frame may or may not have taken effect. */
export class FrameFailed extends Schema.TaggedError<FrameFailed>()("FrameFailed", {}) {}
