/** Accounts in plain words: why something is refused, what has happened, which browser it was. */
import { problemWords } from "./call-words.ts"
import { DchatProblem } from "./dchat-http.ts"
import { type Activity } from "./dchat-identity.ts"
import { shortAddress } from "./people.ts"

const refusals: Readonly<Record<string, string>> = {
  last_login_method: "This is the only way left to sign in: link another first.",
  reauth_required: "Some time has passed since you proved that it is you. Prove it again first.",
  reauth_mismatch: "That is not one of your own wallets. Choose the one that is linked here.",
  ambiguous_credentials:
    "This browser is signed in as somebody else in another window, and can go to LinkedIn for one person only. " +
    "Sign out there first, then try again here.",
  linkedin_not_configured:
    "Signing in with LinkedIn is not set up at this server. To try it with a stand-in for LinkedIn, start the server " +
    "by `npm run demo`.",
  linkedin_not_linked: "No LinkedIn account is linked any more.",
  linkedin_reauthorization_required: "LinkedIn wants you to sign in there again before it tells anything new.",
  linkedin_unavailable: "LinkedIn does not answer at the moment. Try again in a while.",
  linkedin_invalid_response: "LinkedIn gave an answer that could not be trusted, so nothing has changed.",
  nonce_invalid: "The message was signed too late. Please try again.",
  siwe_mismatch: "The wallet signed another message than the one that was asked for. Please try again.",
  signature_invalid: "The signature is not one by this wallet.",
  chain_unavailable: "The chain of this wallet cannot be reached at the moment.",
  too_many_wallets: "Nobody can have more wallets than you would have then.",
  wallet_not_found: "This wallet is not linked any more.",
  user_disabled: "This account is blocked. Please ask the people who run this server.",
  session_not_found: "This session has ended already.",
  no_merge_pending: "The time to merge the two accounts is over. Link again to start anew.",
  merge_ticket_invalid: "The time to merge the two accounts is over. Link again to start anew.",
  merge_two_linkedin:
    "Both accounts have LinkedIn, and one person can have it once. Unlink it from one of the two, then link again.",
  merge_two_subscriptions: "Both accounts have a subscription. End one of the two first, then link again.",
  merge_in_call: "One of the two accounts is in a call. Hang up first, then link again.",
  merge_payment_open: "A payment of one of the two accounts is still open. Finish it first, then link again.",
  invalid_request: "That cannot be used: at most 80 characters for a name, and no line breaks."
}

/** What a wallet of the browser says comes as an error of its own. */
export const refusalWords = (problem: unknown): string => {
  if (problem instanceof DchatProblem) return refusals[problem.code] ?? problemWords(problem)
  const { message } = (problem ?? {}) as { message?: unknown }
  return typeof message === "string" && message !== "" ? message : "That did not work."
}

const by = (method: Activity["method"]): string => method === "linkedin" ? "with LinkedIn" : "with a wallet"

/** What happened. `addresses`: of the wallets that are known, by their ids. */
export const activityWords = ({ method, type, wallet }: Activity, addresses: ReadonlyMap<string, string>): string => {
  const address = wallet?.address ?? addresses.get(wallet?.id ?? "")
  const named = address === undefined ? "a wallet" : `the wallet ${shortAddress(address)}`
  const words: Record<string, string> = {
    Registered: `You joined ${by(method)}`,
    SignedIn: `You signed in ${by(method)}`,
    Reauthenticated: `You proved ${by(method)} that it is you`,
    WalletLinked: `You linked ${named}`,
    WalletUnlinked: `You unlinked ${named}`,
    PrimaryWalletChanged: `${
      address === undefined ? "Another wallet" : `The wallet ${shortAddress(address)}`
    } became the primary one`,
    TemporaryWalletAssigned: "A placeholder was made, as there was no wallet",
    TemporaryWalletRetired: "The placeholder gave way to a wallet",
    AccountLinked: "You linked LinkedIn",
    AccountUnlinked: "You unlinked LinkedIn",
    AccountSynced: "Your profile was read from LinkedIn",
    NameFollowed: "Your name followed the one at LinkedIn",
    ProfileEdited: "You changed your profile",
    Absorbed: "Another account of yours became part of this one",
    MergedInto: "This account became part of another one",
    Disabled: "The account was blocked",
    Enabled: "The account was unblocked",
    Deleted: "The account was deleted"
  }
  return words[type] ?? "Something else changed"
}

const browsers: ReadonlyArray<readonly [RegExp, string]> = [
  [/\bEdgA?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Chrome|HeadlessChrome|Chromium|CriOS)\//, "Chrome"],
  [/\bVersion\/.*\bSafari\//, "Safari"]
]
const systems: ReadonlyArray<readonly [RegExp, string]> = [
  [/iPhone/, "an iPhone"],
  [/iPad/, "an iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/CrOS/, "ChromeOS"],
  [/Macintosh/, "a Mac"],
  [/Linux/, "Linux"]
]

/** `Chrome on Windows`; the name of a program that is no browser; only as right as what it says of itself. */
export const agentWords = (userAgent: string | undefined): string => {
  if (userAgent === undefined || userAgent === "") return "A program that does not say its name"
  const found = (table: typeof browsers) => table.find(([pattern]) => pattern.test(userAgent))?.[1]
  const browser = found(browsers)
  const system = found(systems)
  if (browser === undefined) return userAgent.split(/[\s/(]/u)[0]?.slice(0, 40) ?? ""
  return system === undefined ? browser : `${browser} on ${system}`
}
