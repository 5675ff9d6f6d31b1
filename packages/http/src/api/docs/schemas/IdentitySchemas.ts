/**
 * Texts of users, sessions and their activity.
 */
import type { SchemaDocs } from "../SchemaDocs.ts"

const session = {
  id: "The id of the session (UUIDv7).",
  createdAt: "The time of the sign-in.",
  authenticatedAt: "The time at which the user last proved an identity.",
  lastSeenAt: "The time of the last request, to within five minutes.",
  expiresAt: "The time at which the session ends at the latest. Seven days without a request end it earlier.",
  userAgent: "The `User-Agent` of the sign-in.",
  address: "The IP address of the sign-in."
}

const me = { user: "The signed-in user.", session: "The session of the request, or the new session." }

export const identitySchemas: Readonly<Record<string, SchemaDocs>> = {
  Me: { description: "The signed-in user and the session.", fields: me },
  MeWithToken: {
    description: "The signed-in user and the session, with its token.",
    fields: {
      token: "The token of the session. Only in answers to clients that use a bearer token; browsers get a cookie.",
      ...me
    }
  },
  User: {
    description: "The complete profile of the signed-in user.",
    fields: {
      id: "The id of the user (UUIDv7). It never changes.",
      displayName: "The name that other users see.",
      createdAt: "The time of the first sign-in.",
      company: "The company.",
      position: "The position.",
      wallets: "The wallets of the user, the primary wallet first.",
      temporaryWallet:
        "A placeholder for a wallet, while the user has none: `tmp_` and a ULID. The placeholder is not an address.",
      linkedin: "The LinkedIn account of the user."
    }
  },
  Wallet: {
    description: "A wallet that the user has proved to own.",
    fields: {
      id: "The id of the wallet (UUIDv7).",
      kind: "`eoa`: an externally owned account, the same on every chain. `contract`: a contract on one chain.",
      chainId: "The chain of a contract wallet (EIP-155).",
      address: "The address, in lower case.",
      isPrimary: "Whether other users see this wallet.",
      verifiedAt: "The time of the proof."
    }
  },
  LinkedInProfile: {
    description: "The LinkedIn profile of a user.",
    fields: {
      subject: "The id of the person in the application at LinkedIn.",
      name: "The full name. Empty if LinkedIn has no name.",
      email: "The e-mail address.",
      emailVerified: "Whether LinkedIn verified the e-mail address.",
      picture: "The URL of a picture, which may expire.",
      locale: "The language of the person (BCP 47).",
      linkedAt: "The time at which the account was linked.",
      lastSyncAt: "The time at which the host last read the profile from LinkedIn."
    }
  },
  Person: {
    description: "The public profile of a user.",
    fields: {
      id: "The id of the user (UUIDv7).",
      displayName: "The name that the user chose. dchat does not verify the name.",
      wallet: "The address of the primary wallet, which the user has proved to own.",
      linkedin: "Present if the user has proved to own a LinkedIn account.",
      online: "Whether the user has a realtime connection."
    }
  },
  Session: { description: "A session of the signed-in user.", fields: session },
  ListedSession: {
    description: "A session in the list of sessions.",
    fields: { ...session, current: "Whether the request belongs to this session." }
  },
  MergeTicket: {
    description: "The right to merge with another user, in this session.",
    fields: { ticket: "The ticket for `POST /auth/merge`.", expiresIn: "The number of seconds for which it is valid." }
  },
  Activity: {
    description: "An event of the identity of a user.",
    fields: {
      seq: "The number of the entry, from 1 and without gaps.",
      at: "The time of the entry.",
      type: "The name of the event.",
      method: "The method by which the user signed in or proved an identity again.",
      wallet: "The wallet of the event.",
      userId: "The other user of a merge.",
      by: "The cause of the event: the user, an administrator or the host."
    }
  },
  ActivityWallet: {
    description: "The wallet of an event.",
    fields: {
      id: "The id of the wallet.",
      address: "The address. Absent after the user has unlinked the wallet.",
      chainId: "The chain of a contract wallet."
    }
  },
  ByUser: {
    description: "The user caused the event.",
    fields: {
      type: "Always `you`.",
      sessionId: "The session of the request.",
      userAgent: "The `User-Agent` of the session. Absent after the host has deleted the session.",
      address: "The IP address of the session. Absent after the host has deleted the session."
    }
  },
  BySystem: { description: "The host caused the event.", fields: { type: "Always `system`." } },
  ByAdmin: {
    description: "An administrator caused the event.",
    fields: { type: "Always `admin`.", reason: "The reason that the administrator gave." }
  },
  JsonWebKeySet: { description: "A JWK Set (RFC 7517).", fields: { keys: "The keys, newest first." } },
  JsonWebKey: {
    description: "A public key (RFC 8037).",
    fields: {
      kty: "The type of the key.",
      crv: "The curve.",
      x: "The public key in base64url.",
      kid: "The id of the key, as in the header of tokens.",
      alg: "The algorithm of signatures.",
      use: "The use of the key."
    }
  },
  RequestIssue: {
    description: "One fault of a request.",
    fields: {
      path: "The path to the fault. The first part is `params`, `headers`, `query` or `payload`.",
      message: "The value that the host expects there."
    }
  }
}
