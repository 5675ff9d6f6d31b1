/** To LinkedIn and back: why the window left, what it came back with, and what a failure means. */
import { type DchatHttp } from "./dchat-http.ts"
import { type RoundTrip, windowIdentity } from "./window-identity.ts"

/** Leaves for LinkedIn; the page is gone when this has worked. */
export const goToLinkedIn = async (http: DchatHttp, trip: RoundTrip): Promise<void> => {
  const place = trip.mode === "login" ? location.hash : "#account"
  const { nextToken, url } = await http.linkedInUrl(trip.mode, `${location.pathname}${place}`)
  windowIdentity.roundTrip = nextToken === undefined ? trip : { ...trip, nextToken }
  location.assign(url)
}

export interface LinkedInReturn {
  readonly trip: RoundTrip | undefined
  /** Why it did not work, when it did not. */
  readonly error: string | undefined
}

/** The outcome of the trip, shown once: a reload or a bookmark does not show it again. */
export const takeReturn = (): LinkedInReturn => {
  const url = new URL(location.href)
  const error = url.searchParams.get("error") ?? undefined
  if (error !== undefined) {
    url.searchParams.delete("error")
    history.replaceState(null, "", url)
  }
  return { trip: windowIdentity.takeRoundTrip(), error }
}

const words: Readonly<Record<string, string>> = {
  state_invalid: "This sign-in has expired, or was started in another browser. Sign in again.",
  linkedin_denied: "You cancelled the sign-in at LinkedIn. Nothing changed.",
  linkedin_unavailable: "LinkedIn does not answer. Try again in a few minutes.",
  linkedin_invalid_response: "The answer of LinkedIn was not valid. Nothing changed. Try again.",
  linkedin_code_rejected: "LinkedIn did not confirm the sign-in. Sign in again.",
  linkedin_not_configured: "Sign-in with LinkedIn is not set up on this server.",
  session_ended: "Your session ended while you were at LinkedIn. Sign in and try again.",
  session_mismatch:
    "Another window of this browser is signed in as another user. Sign out in that window first, then try again.",
  user_disabled: "This account is blocked. Contact the operator of this server.",
  owned_by_other: "This LinkedIn account is linked to another user.",
  linkedin_already_linked: "Another LinkedIn account is already linked. Unlink that account first.",
  reauth_required: "Your last sign-in is too old for this change. Sign in again to confirm your identity.",
  reauth_mismatch: "This LinkedIn account is not linked to your account. Use the linked LinkedIn account."
}

export const returnWords = (code: string): string =>
  Object.hasOwn(words, code) ? words[code] ?? "" : "Something went wrong during the sign-in with LinkedIn. Try again."
