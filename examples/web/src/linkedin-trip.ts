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

/** What the window came back with, told once: a reload or a bookmark does not tell it again. */
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
  state_invalid:
    "This sign-in took too long, was finished already, or was begun in another browser. Please start again.",
  linkedin_denied: "You cancelled at LinkedIn, so nothing has changed.",
  linkedin_unavailable: "LinkedIn does not answer at the moment. Try again in a while.",
  linkedin_invalid_response: "LinkedIn gave an answer that could not be trusted, so nothing has changed.",
  linkedin_code_rejected: "LinkedIn did not confirm the sign-in. Please start again.",
  linkedin_not_configured: "Signing in with LinkedIn is not set up at this server any more.",
  session_ended: "You were signed out while you were at LinkedIn. Please sign in and start again.",
  session_mismatch:
    "This browser is signed in as somebody else in another window. Sign out there first, then start again.",
  user_disabled: "This account is blocked. Please ask the people who run this server.",
  owned_by_other: "This LinkedIn account belongs to another account here.",
  linkedin_already_linked: "Another LinkedIn account is linked already. Unlink that one first.",
  reauth_required: "Some time has passed since you proved that it is you. Prove it again first.",
  reauth_mismatch: "That is not the LinkedIn account that is linked here."
}

export const returnWords = (code: string): string =>
  Object.hasOwn(words, code) ? words[code] ?? "" : "Something went wrong on the way to LinkedIn. Please start again."
