/**
 * The codes that a page finds in the `error` of its query after a round trip to LinkedIn has failed.
 */
import type { LinkedInFailureReason } from "@dchat/domain/identity"
import { problemTable, type ProblemTag } from "../api/Problems.ts"

const byReason: Readonly<Record<LinkedInFailureReason, string>> = {
  denied: "linkedin_denied",
  code_rejected: "linkedin_code_rejected",
  invalid_response: "linkedin_invalid_response",
  unavailable: "linkedin_unavailable",
  reauthorization_required: "linkedin_reauthorization_required"
}

type Failure =
  | { readonly _tag: "LinkedInFailed"; readonly reason: LinkedInFailureReason }
  | { readonly _tag: "SessionInvalid" | "SessionMismatch" }
  | { readonly _tag: ProblemTag }

export const linkedInErrorCode = (failure: Failure): string => {
  if (failure._tag === "LinkedInFailed") return byReason[failure.reason]
  if (failure._tag === "SessionInvalid") return "session_ended"
  if (failure._tag === "SessionMismatch") return "session_mismatch"
  return problemTable[failure._tag].code
}
