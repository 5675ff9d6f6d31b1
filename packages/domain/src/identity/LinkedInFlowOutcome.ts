/**
 * The outcomes of a LinkedIn flow.
 */
import type { Option, Redacted } from "effect"
import type { NativeFlowInvalid, OwnedByOther, SessionMismatch } from "./model/IdentityErrors.ts"
import type { OAuthFlow } from "./model/OAuthFlow.ts"
import type { Session, SessionToken } from "./model/Session.ts"
import type { OwnRefusal } from "./OwnSteps.ts"
import type { LinkedInFailed, LinkedInNotConfigured } from "./ports/LinkedIn.ts"

/** A flow that was recognised as a flow of this browser, and is used up. */
export interface ReturnedFlow {
  readonly flow: OAuthFlow
  readonly callback: URLSearchParams
  readonly state: string
}

/** A repeated callback. */
export interface RepeatedFlow {
  readonly returnTo: string
  /** Whether the flow succeeded, in a session that is still live. */
  readonly isDone: boolean
  /** The failure code of the flow; undefined if the flow succeeded or the reason is unknown. */
  readonly failure: string | undefined
}

export type FlowOutcome =
  | { readonly _tag: "SignedIn"; readonly session: Session; readonly token: Redacted.Redacted<SessionToken> }
  /** The session continues under this token, unless nothing changed. */
  | {
    readonly _tag: "Linked"
    readonly session: Session
    readonly token: Option.Option<Redacted.Redacted<SessionToken>>
  }
  | { readonly _tag: "Reauthenticated" }
  /** The redirect location of an application that waits for the browser. */
  | { readonly _tag: "Native"; readonly location: string }

/** The errors with which a flow fails: of signing in, of linking, and of proving an identity again. */
export type FlowFailure =
  | OwnRefusal<"LinkAccount" | "ReauthenticateByAccount">
  | LinkedInFailed
  | LinkedInNotConfigured
  | NativeFlowInvalid
  | OwnedByOther
  | SessionMismatch
