/** Accounts in plain words: why something is refused, what has happened, which browser it was. */
import { problemWords } from "./call-words.ts"
import { DchatProblem } from "./dchat-http.ts"
import { type Activity } from "./dchat-identity.ts"
import { shortAddress } from "./users.ts"

const refusals: Readonly<Record<string, string>> = {
  last_login_method: "This is your only way to sign in. Link another wallet or LinkedIn first.",
  reauth_required: "Your last sign-in is too old for this change. Sign in again to confirm your identity.",
  reauth_mismatch: "This wallet is not linked to your account. Choose a linked wallet.",
  ambiguous_credentials:
    "Another window of this browser is signed in as another user. Sign out in that window first, then try again here.",
  linkedin_not_configured:
    "Sign-in with LinkedIn is not set up on this server. To try a simulated LinkedIn, start the server with " +
    "`npm run demo`.",
  linkedin_not_linked: "No LinkedIn account is linked.",
  linkedin_reauthorization_required: "LinkedIn requires a new sign-in before your profile can be updated.",
  linkedin_unavailable: "LinkedIn does not answer. Try again in a few minutes.",
  linkedin_invalid_response: "The answer of LinkedIn was not valid. Nothing changed. Try again.",
  nonce_invalid: "The message to sign has expired. Try again.",
  siwe_mismatch: "The wallet signed a different message. Try again.",
  signature_invalid: "The signature is not valid for this wallet. Try again.",
  chain_unavailable: "The chain of this wallet cannot be reached. Try again in a few minutes.",
  too_many_wallets: "You have the maximum number of wallets. Unlink a wallet first.",
  wallet_not_found: "This wallet is no longer linked.",
  user_disabled: "This account is blocked. Contact the operator of this server.",
  session_not_found: "This session has already ended.",
  no_merge_pending: "The time to merge the two accounts has passed. Link again.",
  merge_ticket_invalid: "The time to merge the two accounts has passed. Link again.",
  merge_two_linkedin:
    "Both accounts have a LinkedIn account. Unlink LinkedIn from one of the two accounts, then link again.",
  merge_two_subscriptions: "Both accounts have a subscription. End one of the two subscriptions, then link again.",
  merge_in_call: "One of the two accounts is in a call. Hang up first, then link again.",
  merge_payment_open: "A payment of one of the two accounts is still open. Finish the payment first, then link again.",
  invalid_request: "A name has at most 80 characters and no line breaks. Change the text and save again."
}

/** The errors of a browser's wallet have a shape of their own. */
export const refusalWords = (problem: unknown): string => {
  if (problem instanceof DchatProblem) return refusals[problem.code] ?? problemWords(problem)
  const { message } = (problem ?? {}) as { message?: unknown }
  return typeof message === "string" && message !== "" ? message : "Something went wrong. Try again."
}

const by = (method: Activity["method"]): string => method === "linkedin" ? "with LinkedIn" : "with a wallet"

/** An activity, in words. `addresses`: the known wallets by id. */
export const activityWords = ({ method, type, wallet }: Activity, addresses: ReadonlyMap<string, string>): string => {
  const address = wallet?.address ?? addresses.get(wallet?.id ?? "")
  const named = address === undefined ? "a wallet" : `the wallet ${shortAddress(address)}`
  const words: Record<string, string> = {
    Registered: `You joined ${by(method)}`,
    SignedIn: `You signed in ${by(method)}`,
    Reauthenticated: `You confirmed your identity ${by(method)}`,
    WalletLinked: `You linked ${named}`,
    WalletUnlinked: `You unlinked ${named}`,
    PrimaryWalletChanged: `${
      address === undefined ? "Another wallet" : `The wallet ${shortAddress(address)}`
    } became the primary wallet`,
    TemporaryWalletAssigned: "A placeholder was made, because no wallet was linked",
    TemporaryWalletRetired: "A wallet replaced the placeholder",
    AccountLinked: "You linked LinkedIn",
    AccountUnlinked: "You unlinked LinkedIn",
    AccountSynced: "Your profile was read from LinkedIn",
    NameFollowed: "Your name was updated from LinkedIn",
    ProfileEdited: "You changed your profile",
    Absorbed: "Another account of yours was merged into this account",
    MergedInto: "This account was merged into another account",
    Disabled: "The account was blocked",
    Enabled: "The account was unblocked",
    Deleted: "The account was deleted"
  }
  return words[type] ?? "Another change"
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
  if (userAgent === undefined || userAgent === "") return "Unknown client"
  const found = (table: typeof browsers) => table.find(([pattern]) => pattern.test(userAgent))?.[1]
  const browser = found(browsers)
  const system = found(systems)
  if (browser === undefined) return userAgent.split(/[\s/(]/u)[0]?.slice(0, 40) ?? ""
  return system === undefined ? browser : `${browser} on ${system}`
}
