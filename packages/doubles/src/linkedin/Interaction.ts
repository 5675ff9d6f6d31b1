/**
 * The choice of the user who signs in: on the page, or at once by `x-login-as` and `x-deny`, headers or parameters.
 */
import { randomBytes } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import { text } from "node:stream/consumers"
import type { InteractionResult, Provider } from "oidc-provider"
import type { Person } from "./Person.ts"
import * as SignInPage from "./SignInPage.ts"

export const path = "/uas/login/"

/** The shortcuts, from the authorization request on. */
export const shortcuts = ["x-login-as", "x-deny"] as const

export interface Interaction {
  readonly provider: Provider
  readonly application: string
  readonly people: Map<string, Person>
}

const cancelled = (at: string): InteractionResult => ({
  error: at === "authorize" ? "user_cancelled_authorize" : "user_cancelled_login",
  error_description: at === "authorize"
    ? "The user cancelled the authorization"
    : "The user cancelled signing in"
})

const loggedIn = (subject: string): InteractionResult => ({ login: { accountId: subject } })

export const sendPage = (response: ServerResponse, status: number, html: string): void => {
  response.writeHead(status, {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    // Without form-action: it would also hold for where the answer to the form redirects to.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff"
  })
  response.end(html)
}

/** LinkedIn's subjects are a few letters and digits. */
const newSubject = () => randomBytes(7).toString("base64url").replace(/[-_]/g, "0")

const newPerson = (form: URLSearchParams): Person | undefined => {
  const name = form.get("name")?.trim() ?? ""
  const email = form.get("email")?.trim() ?? ""
  if (name === "") return undefined
  return {
    subject: newSubject(),
    name,
    ...(email === "" ? {} : { email, emailVerified: form.get("verified") === "yes" })
  }
}

/** The decision of the form or of a shortcut, or the message if there is no decision. */
const decide = (chosen: (name: string) => string | null, people: Map<string, Person>): InteractionResult | string => {
  const cancel = chosen("cancel") ?? chosen("x-deny")
  if (cancel !== null) return cancelled(cancel)
  const subject = chosen("person") ?? chosen("x-login-as")
  if (subject === null) return "Choose a test user, or type a name."
  return people.has(subject) ? loggedIn(subject) : "No such test user."
}

export const handle = async (
  { application, people, provider }: Interaction,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL
): Promise<void> => {
  const finish = (result: InteractionResult) =>
    provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
  const ask = (status: number, error?: string) =>
    sendPage(
      response,
      status,
      SignInPage.signIn({ application, people: [...people.values()], ...(error === undefined ? {} : { error }) })
    )
  try {
    await provider.interactionDetails(request, response)
    const form = new URLSearchParams(request.method === "POST" ? await text(request) : "")
    if (form.has("new")) {
      const person = newPerson(form)
      if (person === undefined) return ask(400, "The user needs a name.")
      people.set(person.subject, person)
      return await finish(loggedIn(person.subject))
    }
    const decision = decide(
      (name) => form.get(name) ?? url.searchParams.get(name) ?? request.headers[name]?.toString() ?? null,
      people
    )
    if (typeof decision !== "string") return await finish(decision)
    const isFirst = request.method === "GET" && !url.searchParams.has("x-login-as") &&
      request.headers["x-login-as"] === undefined
    return ask(isFirst ? 200 : 400, isFirst ? undefined : decision)
  } catch {
    sendPage(response, 400, SignInPage.failure("This sign-in is over. Start again in the application."))
  }
}
