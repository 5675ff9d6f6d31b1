/**
 * A simulated LinkedIn on loopback, with the paths and deviations of LinkedIn, and with faults on request.
 */
import { Effect, type Scope } from "effect"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { Provider } from "oidc-provider"
import type { Endpoint, Fault } from "./Fault.ts"
import * as Faults from "./Faults.ts"
import * as Interaction from "./Interaction.ts"
import * as Journal from "./Journal.ts"
import { claimsOf, defaultPeople, type Person } from "./Person.ts"
import * as ProviderStore from "./ProviderStore.ts"
import * as Quirks from "./Quirks.ts"
import * as Requests from "./Requests.ts"
import * as SigningKeys from "./SigningKeys.ts"
import * as SignInPage from "./SignInPage.ts"

export interface Options {
  /** A free one where it is not given. */
  readonly port?: number
  readonly clientId?: string
  readonly clientSecret?: string
  /** The allowed redirect URIs; `allowRedirect` adds more. */
  readonly redirectUris?: ReadonlyArray<string>
  readonly people?: ReadonlyArray<Person>
  /** The name of the application on the sign-in page. */
  readonly application?: string
}

export interface LinkedInDouble {
  readonly issuer: string
  readonly authorizationUrl: string
  readonly tokenUrl: string
  readonly jwksUrl: string
  readonly userinfoUrl: string
  readonly clientId: string
  readonly clientSecret: string
  /** The variables by which a host uses it. */
  readonly environment: Readonly<Record<`LINKEDIN_${string}`, string>>
  /** Adds a user, or replaces the user with the subject. */
  addPerson(person: Person): Effect.Effect<void>
  allowRedirect(uri: string): Effect.Effect<void>
  /** Revokes the access tokens that were issued so far: all tokens, or those of one user. */
  revokeTokens(subject?: string): Effect.Effect<void>
  /** A new key signs from now on; the old ones are published no more. */
  readonly rotateKey: Effect.Effect<void>
  readonly faults: {
    /** From now on, instead of any other fault of the endpoint. */
    set(endpoint: Endpoint, fault: Fault): Effect.Effect<void>
    /** Until the scope closes. */
    during(endpoint: Endpoint, fault: Fault): Effect.Effect<void, never, Scope.Scope>
    readonly clear: Effect.Effect<void>
  }
  readonly log: {
    readonly requests: Effect.Effect<ReadonlyArray<Journal.RecordedRequest>>
    /** The client's secret, and each code, access token and ID token that was given out. */
    readonly secrets: Effect.Effect<ReadonlyArray<string>>
  }
}

const listen = (port: number) =>
  Effect.acquireRelease(
    Effect.callback<Server>((resume) => {
      const server = createServer()
      server.once("error", (cause) => resume(Effect.die(cause)))
      server.listen(port, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === "object" && address !== null ? address.port : 0
}

interface Installation {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly redirects: Set<string>
  readonly people: Map<string, Person>
  readonly key: SigningKeys.SigningKey
}

const scopes = ["openid", "profile", "email"]

const makeProvider = ({ clientId, clientSecret, issuer, key, people, redirects }: Installation): Provider => {
  const provider = new Provider(issuer, {
    adapter: ProviderStore.make(),
    clients: [{
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: ["http://127.0.0.1/unused"],
      response_types: ["code"],
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: "client_secret_post",
      id_token_signed_response_alg: "RS256"
    }],
    // By this key a provider must be able to sign; what it signs is signed anew before it goes out.
    jwks: { keys: [key.privateJwk] },
    cookies: { keys: ["of no worth"] },
    clientAuthMethods: ["client_secret_post"],
    scopes,
    claims: {
      openid: ["sub"],
      profile: ["name", "given_name", "family_name", "picture", "locale"],
      email: ["email", "email_verified"]
    },
    conformIdTokenClaims: false,
    pkce: { required: () => false },
    responseTypes: ["code"],
    routes: {
      authorization: "/v2/authorization",
      token: "/v2/accessToken",
      userinfo: "/v2/userinfo",
      jwks: "/openid/jwks"
    },
    ttl: {
      AccessToken: 5_184_000,
      AuthorizationCode: 1800,
      IdToken: 3600,
      Session: 3600,
      Grant: 5_184_000,
      Interaction: 3600
    },
    features: Object.fromEntries(
      ["devInteractions", "dPoP", "pushedAuthorizationRequests", "rpInitiatedLogout"].map((name) => [
        name,
        { enabled: false }
      ])
    ),
    interactions: {
      url: ({ query }, { uid }) => {
        const shortcuts = new URLSearchParams()
        for (const name of Interaction.shortcuts) {
          if (typeof query[name] === "string") shortcuts.set(name, query[name])
        }
        return `${Interaction.path}${uid}?${shortcuts}`
      }
    },
    // A user who has signed in has also consented.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId })
      grant.addOIDCScope(scopes.join(" "))
      await grant.save()
      return grant
    },
    findAccount: async (_, subject) => {
      const person = people.get(subject)
      return person && { accountId: subject, claims: async () => ({ ...claimsOf(person), sub: subject }) }
    },
    renderError: (context, { error }) => {
      context.type = "html"
      context.body = SignInPage.failure(`The application's request was refused: ${error}.`)
    }
  })
  // The registered ones are allowed as they are, and can be added to while it runs.
  provider.Client.prototype.redirectUriAllowed = (uri) => redirects.has(uri)
  return provider
}

/** Starts it; it stops when the scope closes. */
export const start = Effect.fn("LinkedInDouble.start")(function*(options: Options = {}) {
  const {
    application = "dchat",
    clientId = "linkedin-client",
    // Each of its signs has to be encoded in a form.
    clientSecret = "WPL_AP1.secret/+=&%",
    port = 0
  } = options
  const people = new Map((options.people ?? defaultPeople).map((person) => [person.subject, person]))
  const redirects = new Set(options.redirectUris)
  const journal = Journal.make(clientSecret)
  const faults = Faults.make()
  const key = yield* Effect.promise(() => SigningKeys.generate())
  let keys = [key]

  const server = yield* listen(port)
  const base = `http://127.0.0.1:${portOf(server)}`
  const issuer = `${base}/oauth`
  const userinfoUrl = `${base}/v2/userinfo`
  const provider = makeProvider({ issuer, clientId, clientSecret, redirects, people, key })
  const currentKey = () => keys.at(-1) ?? key
  provider.use(
    Quirks.make({
      journal,
      userinfoUrl,
      keys: () => keys,
      alter: (endpoint, answer) => faults.alter(endpoint, answer, { key: currentKey(), clientSecret })
    })
  )
  const handle = Requests.make({ base, provider, journal, faults, application, people })
  server.on("request", (request: IncomingMessage, response: ServerResponse) => void handle(request, response))
  yield* Effect.addFinalizer(() => Effect.sync(faults.close))

  const authorizationUrl = `${issuer}/v2/authorization`
  const tokenUrl = `${issuer}/v2/accessToken`
  const jwksUrl = `${issuer}/openid/jwks`
  const set = (endpoint: Endpoint, fault: Fault) => Effect.sync(() => faults.set(endpoint, fault))
  const double: LinkedInDouble = {
    issuer,
    authorizationUrl,
    tokenUrl,
    jwksUrl,
    userinfoUrl,
    clientId,
    clientSecret,
    environment: {
      LINKEDIN_CLIENT_ID: clientId,
      LINKEDIN_CLIENT_SECRET: clientSecret,
      LINKEDIN_ISSUER: issuer,
      LINKEDIN_AUTHORIZATION_URL: authorizationUrl,
      LINKEDIN_TOKEN_URL: tokenUrl,
      LINKEDIN_JWKS_URL: jwksUrl,
      LINKEDIN_USERINFO_URL: userinfoUrl
    },
    addPerson: (person) => Effect.sync(() => void people.set(person.subject, person)),
    allowRedirect: (uri) => Effect.sync(() => void redirects.add(uri)),
    revokeTokens: (subject) =>
      Effect.sync(() => {
        for (const [token, owner] of journal.subjects) {
          if (subject === undefined || owner === subject) journal.revoked.add(token)
        }
      }),
    rotateKey: Effect.promise(async () => {
      keys = [await SigningKeys.generate()]
    }),
    faults: {
      set,
      during: (endpoint, fault) =>
        Effect.acquireRelease(set(endpoint, fault), () => Effect.sync(() => faults.remove(endpoint, fault))),
      clear: Effect.sync(() => faults.clear())
    },
    log: {
      requests: Effect.sync(() => [...journal.requests]),
      secrets: Effect.sync(() => [...journal.secrets])
    }
  }
  return double
})
