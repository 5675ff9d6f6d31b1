/**
 * The text of the frames that the server sends. The views of calls and events hold what the contract says and nothing
 * else, and are JSON as they are: `FrameText.test.ts` compares them with `ServerFrame`.
 */
import type { Call } from "@dchat/domain/call"
import { viewOf } from "../api/CallView.ts"
import type { ServerFrame } from "../api/RealtimeFrames.ts"

export const frameText = (frame: ServerFrame): string => JSON.stringify(frame)

const texts = new WeakMap<Call, string>()

/** The view of a call as JSON. All readers of one state of a call share the text. */
const viewText = (call: Call): string => {
  const known = texts.get(call)
  if (known !== undefined) return known
  const text = JSON.stringify(viewOf(call))
  texts.set(call, text)
  return text
}

/** The reply to a command: the call after the command. */
export const callReplyText = (id: string | undefined, call: Call): string =>
  `{"type":"reply",${id === undefined ? "" : `"id":${JSON.stringify(id)},`}"ok":true,"result":${viewText(call)}}`
