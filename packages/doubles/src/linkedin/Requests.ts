/**
 * Routes each request: to the sign-in page, to a fault, or to the provider, which is mounted at `/oauth`.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Provider } from "oidc-provider"
import { type Endpoint, linkedInError } from "./Fault.ts"
import type { Faults } from "./Faults.ts"
import * as Interaction from "./Interaction.ts"
import type { Journal } from "./Journal.ts"
import type { Person } from "./Person.ts"
import { ignoredParameters } from "./Quirks.ts"
import * as SignInPage from "./SignInPage.ts"

export interface Requests {
  readonly base: string
  readonly provider: Provider
  readonly journal: Journal
  readonly faults: Faults
  readonly application: string
  readonly people: Map<string, Person>
}

const mount = "/oauth"

/** LinkedIn's userinfo is on another host than the rest, so not below it here. */
const userinfoPath = "/v2/userinfo"

const endpoints: Readonly<Record<string, Endpoint>> = {
  [`${mount}/v2/accessToken`]: "token",
  [`${mount}/openid/jwks`]: "jwks",
  [userinfoPath]: "userinfo"
}

const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" })
  response.end(JSON.stringify(body))
}

/** LinkedIn would remember the user. The double asks each time, so that a tester can choose another user. */
const forgetSession = (request: IncomingMessage): void => {
  const cookies = request.headers.cookie?.split("; ").filter((cookie) => !cookie.startsWith("_session"))
  if (cookies !== undefined) request.headers.cookie = cookies.join("; ")
}

export const make = ({ application, base, faults, journal, people, provider }: Requests) => {
  const provide = provider.callback()

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", base)
    journal.requests.push({
      method: request.method ?? "",
      path: url.pathname,
      parameters: [...url.searchParams.keys()]
    })
    const endpoint = endpoints[url.pathname]
    if (endpoint !== undefined && await faults.intercept(endpoint, response)) return
    if (url.pathname.startsWith(Interaction.path)) {
      return Interaction.handle({ provider, application, people }, request, response, url)
    }
    if (endpoint === "userinfo" && journal.revoked.has(request.headers.authorization?.slice("Bearer ".length) ?? "")) {
      const message = "The person has taken back what this token allowed."
      return sendJson(response, 401, linkedInError(401, 65_601, "REVOKED_ACCESS_TOKEN", message))
    }
    if (endpoint !== "userinfo" && !url.pathname.startsWith(`${mount}/`)) {
      return Interaction.sendPage(response, 404, SignInPage.failure("No such page."))
    }
    for (const name of ignoredParameters) url.searchParams.delete(name)
    forgetSession(request)
    const path = `${endpoint === "userinfo" ? mount : ""}${url.pathname}${url.search}`
    // Both, as a router does that mounts an application below a path: that is how the provider knows of the path.
    Object.assign(request, { originalUrl: path, url: path.slice(mount.length) })
    return provide(request, response)
  }

  return (request: IncomingMessage, response: ServerResponse): Promise<void> =>
    // A client that closes the connection, or a double that closes, does not wait for an answer.
    answer(request, response).catch(() => void response.destroy())
}
