/**
 * What a round trip to LinkedIn comes to.
 */
import type { Option, Redacted } from "effect"
import type {
  IdentityRefusal,
  NativeFlowInvalid,
  OwnedByOther,
  SessionInvalid,
  SessionMismatch,
  TokenReplaced,
  UserDisabled
} from "./model/IdentityErrors.ts"
import type { OAuthFlow } from "./model/OAuthFlow.ts"
import type { Session, SessionToken } from "./model/Session.ts"
import type { LinkedInFailed, LinkedInNotConfigured } from "./ports/LinkedIn.ts"

/** A flow that was recognised as one of this browser's, and is used up. */
export interface ReturnedFlow {
  readonly flow: OAuthFlow
  readonly callback: URLSearchParams
  readonly state: string
}

/** A callback that came again. */
export interface RepeatedFlow {
  readonly returnTo: string
  /** Whether the flow ended well, in a session that is still live. */
  readonly isDone: boolean
  /** The code of why the flow failed; none where it did not, or nobody could say. */
  readonly failure: string | undefined
}

export type FlowOutcome =
  | { readonly _tag: "SignedIn"; readonly session: Session; readonly token: Redacted.Redacted<SessionToken> }
  /** The session goes on under this token, unless nothing changed. */
  | {
    readonly _tag: "Linked"
    readonly session: Session
    readonly token: Option.Option<Redacted.Redacted<SessionToken>>
  }
  | { readonly _tag: "Reauthenticated" }
  /** An application waits for the browser there. */
  | { readonly _tag: "Native"; readonly location: string }

/** Why a flow did not do what it was begun for. */
export type FlowFailure =
  | IdentityRefusal
  | LinkedInFailed
  | LinkedInNotConfigured
  | NativeFlowInvalid
  | OwnedByOther
  | SessionInvalid
  | SessionMismatch
  | TokenReplaced
  | UserDisabled
