/**
 * The endpoints of a signed-in user: profile, sessions, activity and merging with another user.
 */
import {
  AccessTokensNotConfigured,
  AudienceUnknown,
  ChosenLine,
  ChosenName,
  MergeInCall,
  MergePaymentOpen,
  MergeTicketInvalid,
  MergeTwoLinkedIn,
  MergeTwoSubscriptions,
  NoMergePending,
  ReauthRequired,
  SessionId,
  SessionNotFound,
  TooManyWallets,
  UserDisabled
} from "@dchat/domain/identity"
import { StorableText } from "@dchat/domain/storable"
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup } from "effect/http-api"
import { ActivityView } from "./ActivityView.ts"
import { Authentication } from "./Authentication.ts"
import { bodyLeftOut } from "./BodyLeftOut.ts"
import { nullAsLeftOut } from "./NullAsLeftOut.ts"
import { problem } from "./Problems.ts"
import { PersonLimited, RateLimit, ratePolicies } from "./RateLimited.ts"
import { ListedSession, SessionView } from "./SessionView.ts"
import { UserView } from "./UserView.ts"

export const Me = Schema.Struct({ user: UserView, session: SessionView }).annotate({ identifier: "Me" })

/** The new token of the session, for clients that send a bearer token. Browsers receive a cookie. */
export const MeWithToken = Schema.Struct({ token: Schema.optionalKey(Schema.String), ...Me.fields }).annotate({
  identifier: "MeWithToken"
})

const Ticket = Schema.Struct({
  ticket: Schema.String,
  /** Seconds. */
  expiresIn: Schema.Int
}).annotate({ identifier: "MergeTicket" })

export class AuthApi extends HttpApiGroup.make("auth")
  .add(
    HttpApiEndpoint.get("me", "/me", {
      success: Me
    }),
    HttpApiEndpoint.patch("editProfile", "/me", {
      payload: bodyLeftOut(nullAsLeftOut(Schema.Struct({
        displayName: Schema.optionalKey(ChosenName),
        /** An empty text removes the line. */
        company: Schema.optionalKey(ChosenLine),
        position: Schema.optionalKey(ChosenLine)
      }))),
      success: Me
    }).annotate(RateLimit, ratePolicies.profile),
    /** Deletes all personal data of the user. The request needs a fresh proof. */
    HttpApiEndpoint.delete("deleteMe", "/me", {
      error: problem(ReauthRequired)
    }).annotate(RateLimit, ratePolicies.account),
    HttpApiEndpoint.get("activity", "/activity", {
      query: {
        limit: Schema.optionalKey(
          Schema.NumberFromString.check(Schema.isInt(), Schema.isBetween({ minimum: 1, maximum: 100 }))
        ),
        /** The `nextCursor` of the previous page. */
        cursor: Schema.optionalKey(Schema.String.check(Schema.isPattern(/^[1-9]\d{0,8}$/u)))
      },
      /** The entries, newest first. */
      success: Schema.Struct({ items: Schema.Array(ActivityView), nextCursor: Schema.optionalKey(Schema.String) })
    }),
    HttpApiEndpoint.get("sessions", "/sessions", {
      /** The sessions, last used first. */
      success: Schema.Struct({ items: Schema.Array(ListedSession) })
    }),
    HttpApiEndpoint.delete("endSession", "/sessions/:id", {
      params: { id: SessionId },
      error: problem(SessionNotFound)
    }).annotate(RateLimit, ratePolicies.sessions),
    /**
     * Ends all other sessions of the user and gives this session another token. Rights earned with the former token end
     * too. Only clients that send a bearer token receive the token in the answer.
     */
    HttpApiEndpoint.delete("endOtherSessions", "/sessions", {
      success: Schema.Struct({ ended: Schema.Int, token: Schema.optionalKey(Schema.String) })
    }).annotate(RateLimit, ratePolicies.sessions),
    /** Gives this session another token. The former token allows reads for another 30 seconds. */
    HttpApiEndpoint.post("rotate", "/rotate", {
      success: MeWithToken
    }).annotate(RateLimit, ratePolicies.account),
    HttpApiEndpoint.post("logout", "/logout").annotate(RateLimit, ratePolicies.sessions),
    /** A short-lived signed token (JWT) by which another service identifies the user; see `/.well-known/jwks.json`. */
    HttpApiEndpoint.post("accessToken", "/access-token", {
      payload: Schema.Struct({ audience: StorableText.check(Schema.isMaxLength(300)) }),
      success: Schema.Struct({ accessToken: Schema.String, expiresIn: Schema.Int }),
      error: [problem(AccessTokensNotConfigured), problem(AudienceUnknown)]
    }).annotate(RateLimit, ratePolicies.account),
    /** After a round trip to LinkedIn that ended at another user: the right to merge with that user. */
    HttpApiEndpoint.get("pendingMerge", "/merge", {
      success: Ticket,
      error: problem(NoMergePending)
    }).annotate(RateLimit, ratePolicies.account),
    /** Merges another user into the signed-in user. All sessions of both users end, and a new session begins. */
    HttpApiEndpoint.post("merge", "/merge", {
      payload: Schema.Struct({ ticket: StorableText.check(Schema.isMaxLength(200)) }),
      success: MeWithToken,
      error: [
        problem(MergeTicketInvalid),
        problem(MergeTwoLinkedIn),
        problem(MergeTwoSubscriptions),
        problem(MergeInCall),
        problem(MergePaymentOpen),
        problem(TooManyWallets),
        problem(UserDisabled)
      ]
    }).annotate(RateLimit, ratePolicies.account)
  )
  .middleware(PersonLimited)
  .middleware(Authentication)
  .prefix("/auth")
{}
