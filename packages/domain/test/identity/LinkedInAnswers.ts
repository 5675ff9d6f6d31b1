/**
 * LinkedIn as it answers in tests: as it was told to.
 */
import {
  LinkedIn,
  LinkedInClientId,
  LinkedInFailed,
  type LinkedInGrant,
  type LinkedInProfile,
  LinkedInSubject
} from "@dchat/domain/identity"
import { Context, Effect, Layer, Option, Redacted } from "effect"
import { SecureRandom } from "effect/crypto"

export const application = LinkedInClientId.make("78abcdefghijkl")

/** The answer of LinkedIn about a user: about a new user each time, unless a subject is given. */
export const someProfile = (fields: Partial<LinkedInProfile> = {}): LinkedInProfile => ({
  subject: LinkedInSubject.make(SecureRandom.uuidV7Unsafe()),
  name: "Ann Smith",
  email: "ann@example.com",
  emailVerified: true,
  ...fields
})

export const grantOf = (profile: LinkedInProfile, fields: Partial<LinkedInGrant> = {}): LinkedInGrant => ({
  profile,
  accessToken: Redacted.make(`token of ${profile.subject}`),
  tokenExpiresAt: Option.none(),
  scopes: ["openid", "profile", "email"],
  ...fields
})

type Answer<A> = A | LinkedInFailed

export class LinkedInAnswers extends Context.Service<LinkedInAnswers, {
  /** The grant of a code, once. */
  onCode(code: string, answer: Answer<LinkedInGrant>): void
  /** The profile of an access token. */
  onToken(accessToken: Redacted.Redacted<string>, answer: Answer<LinkedInProfile>): void
}>()("test/LinkedInAnswers") {
  /** LinkedIn, at which this installation is the application with this id. */
  static readonly layerAs = (clientId: Option.Option<LinkedInClientId>) =>
    Layer.effectContext(Effect.sync(() => {
      const grants = new Map<string, Answer<LinkedInGrant>>()
      const profiles = new Map<string, Answer<LinkedInProfile>>()
      const said = <A extends object>(answer: Answer<A> | undefined, reason: LinkedInFailed["reason"]) => {
        if (answer === undefined) return Effect.fail(new LinkedInFailed({ reason }))
        return answer instanceof LinkedInFailed ? Effect.fail(answer) : Effect.succeed(answer)
      }

      return Context.make(LinkedInAnswers, {
        onCode: (code, answer) => void grants.set(code, answer),
        onToken: (accessToken, answer) => void profiles.set(Redacted.value(accessToken), answer)
      }).pipe(Context.add(LinkedIn, {
        clientId,
        authorizationUrl: ({ redirectUri, state }) =>
          Effect.sync(() => {
            const url = new URL("https://linkedin.example/authorization")
            url.searchParams.set("state", state)
            url.searchParams.set("redirect_uri", redirectUri)
            return url
          }),
        redeem: ({ callback }) =>
          Effect.suspend(() => {
            const code = callback.get("code") ?? ""
            const answer = grants.get(code)
            grants.delete(code)
            return said(answer, "code_rejected")
          }),
        profile: (accessToken) =>
          Effect.suspend(() => said(profiles.get(Redacted.value(accessToken)), "reauthorization_required"))
      }))
    }))
}
