/**
 * `dchat login`: signs its user in at a host, by wallet or LinkedIn in the system's browser.
 */
import { makeClient } from "@dchat/http/client"
import { Console, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { signInByBrowser } from "../login/BrowserSignIn.ts"
import { answered } from "../login/HostAnswer.ts"
import { HostUrl } from "../login/HostUrl.ts"
import { SavedLogin } from "../login/SavedLogin.ts"
import { openInBrowser } from "../login/SystemBrowser.ts"
import { printable } from "../Printable.ts"

export const login = Command.make(
  "login",
  {
    url: Flag.String("url").pipe(
      Flag.withDescription("The URL of the host, such as https://dchat.example"),
      Flag.withDefault("http://localhost:3000"),
      Flag.withSchema(HostUrl)
    ),
    noBrowser: Flag.Boolean("no-browser").pipe(
      Flag.withDescription("Print the URL of the sign-in page and do not open a browser"),
      Flag.withoutNegation,
      Flag.withDefault(false)
    )
  },
  Effect.fn(function*({ noBrowser, url }) {
    const saved = yield* SavedLogin
    const former = yield* Effect.orElseSucceed(saved.read, Option.none)
    const { token, user } = yield* signInByBrowser(
      url,
      Effect.fnUntraced(function*(page) {
        yield* Console.log(`Sign in on this page within 5 minutes:\n\n  ${page}\n`)
        if (!noBrowser) yield* openInBrowser(page)
      })
    )
    yield* saved.write({ url, token })
    yield* Console.log(`Signed in at ${url} as ${printable(user.displayName)} (${user.id}).`)
    // The saved login has replaced the token of the former session. No client holds that token any more.
    if (Option.isSome(former)) {
      const client = yield* makeClient({ baseUrl: former.value.url, token: former.value.token })
      yield* Effect.ignore(answered(former.value.url)(client.auth.logout()))
    }
  })
).pipe(Command.withDescription("Sign in at a host in the browser"))
