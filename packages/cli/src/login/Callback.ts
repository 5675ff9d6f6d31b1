/**
 * Waits on a loopback port for the browser to come back with a code (RFC 8252, 7.3).
 */
import { Deferred, Effect, Redacted } from "effect"
import { HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import { NetAddress } from "effect/net"
import { ListenerUnavailable, SignInRefused } from "./LoginErrors.ts"

const path = "/callback"

const page = (status: number, title: string, text: string) =>
  HttpServerResponse.html(
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
</head>
<body>
<h1>${title}</h1>
<p>${text}</p>
</body>
</html>
`
  ).pipe(
    HttpServerResponse.setStatus(status),
    HttpServerResponse.setHeaders({
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      connection: "close"
    })
  )

const received = page(200, "Return to the terminal", "The sign-in continues in the terminal. You can close this page.")
const refused = page(200, "Not signed in", "The terminal shows the reason. You can close this page.")
const foreign = page(
  400,
  "Different sign-in",
  "This page belongs to a different sign-in. Start again with dchat login."
)
const nothing = page(404, "Not found", "This page does not exist.")

/** The value of a parameter that is there exactly once (RFC 6749, 3.1). */
const onlyOne = (parameters: URLSearchParams, name: string): string | undefined => {
  const values = parameters.getAll(name)
  return values.length === 1 ? values[0] : undefined
}

/** As the host names it, if it is a name at all (RFC 6749, 4.1.2.1). */
const errorCodeOf = (error: string) => /^[a-z0-9_]{1,64}$/i.test(error) ? error : "unknown_error"

/**
 * Listens until the scope closes. A callback without this state was begun by another party (RFC 6749, 10.12). The
 * callback is refused and the wait continues, so that no page can end the wait.
 */
export const awaitCallback = Effect.fnUntraced(function*(state: string) {
  const { address } = yield* HttpServer.HttpServer
  if (!NetAddress.isInetAddress(address)) return yield* new ListenerUnavailable({ detail: "it has no port" })
  const redirectUri = `http://127.0.0.1:${address.port}${path}`
  const outcome = yield* Deferred.make<Redacted.Redacted<string>, SignInRefused>()

  yield* HttpServer.serveEffect(Effect.gen(function*() {
    const { method, url } = yield* HttpServerRequest.HttpServerRequest
    const asked = URL.parse(url, redirectUri)
    if (method !== "GET" || asked?.pathname !== path) return nothing
    const parameters = asked.searchParams
    const [code, error] = [onlyOne(parameters, "code"), onlyOne(parameters, "error")]
    if (onlyOne(parameters, "state") !== state || (code === undefined) === (error === undefined)) return foreign
    if (error !== undefined) {
      yield* Deferred.fail(outcome, new SignInRefused({ code: errorCodeOf(error) }))
      return refused
    }
    yield* Deferred.succeed(outcome, Redacted.make(code ?? ""))
    return received
  }))

  return { redirectUri, code: Deferred.await(outcome) }
})
