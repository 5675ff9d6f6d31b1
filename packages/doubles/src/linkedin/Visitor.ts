/**
 * Signs a user in like a browser, without a browser: for tests.
 */
import { Effect, Schema } from "effect"

/** The user was shown a page that does not lead back to the application. */
export class SignInStuck extends Schema.TaggedError<SignInStuck>()("SignInStuck", {
  status: Schema.Int,
  page: Schema.String
}) {
  override get message() {
    return `signing in ends at a page with status ${this.status}`
  }
}

/** The user who signs in, or a cancellation; neither if the URL contains the choice, or the page asks. */
export interface Choice {
  readonly as?: string
  readonly deny?: "login" | "authorize"
}

const headersOf = ({ as, deny }: Choice): Record<string, string> => ({
  ...(as === undefined ? {} : { "x-login-as": as }),
  ...(deny === undefined ? {} : { "x-deny": deny })
})

const follow = async (from: string, choice: Choice, signal: AbortSignal): Promise<URL | SignInStuck> => {
  const cookies = new Map<string, string>()
  const { origin } = new URL(from)
  let url = new URL(from)
  while (url.origin === origin) {
    // oxlint-disable-next-line eslint/no-await-in-loop -- each redirect names the next URL
    const response = await fetch(url, {
      redirect: "manual",
      headers: { ...headersOf(choice), cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; ") },
      signal
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get("location")
    // oxlint-disable-next-line eslint/no-await-in-loop -- each redirect names the next URL
    const page = await response.text()
    if (location === null) return new SignInStuck({ status: response.status, page })
    url = new URL(location, url)
  }
  return url
}

/** The callback to which LinkedIn sends the browser, which is not visited. */
export const signIn = Effect.fn("Visitor.signIn")(function*(authorizationUrl: URL | string, choice: Choice = {}) {
  const end = yield* Effect.promise((signal) => follow(String(authorizationUrl), choice, signal))
  return end instanceof URL ? end : yield* end
})
