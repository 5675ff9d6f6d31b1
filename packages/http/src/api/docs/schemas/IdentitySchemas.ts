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
    description: "A user, as the user sees it.",
    fields: {
      id: "The id of the user (UUIDv7). It never changes.",
      displayName: "The name that other users see.",
      createdAt: "The time of the first sign-in.",
      company: "The company.",
      position: "The position.",
      wallets: "The wallets of the user, the primary wallet first.",
      temporaryWallet: "A placeholder for a wallet, while the user has none: `tmp_` and a ULID. It is no address.",
      linkedin: "The LinkedIn account of the user."
    }
  },
  Wallet: {
    description: "A wallet that the user proved to hold.",
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
    description: "What LinkedIn says about a user.",
    fields: {
      subject: "The id of the person in the application at LinkedIn.",
      name: "The full name. Empty where LinkedIn gives none.",
      email: "The e-mail address.",
      emailVerified: "Whether LinkedIn verified the e-mail address.",
      picture: "The URL of a picture, which may expire.",
      locale: "The language of the person (BCP 47).",
      linkedAt: "The time at which the account was linked.",
      lastSyncAt: "The time at which the host asked LinkedIn last."
    }
  },
  Person: {
    description: "A user, as other users see it.",
    fields: {
      id: "The id of the user (UUIDv7).",
      displayName: "The name, which the user chose.",
      wallet: "The address of the primary wallet, which the user proved to hold.",
      linkedin: "Present when the user proved to hold a LinkedIn account.",
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
    description: "Something that happened to the identity of a user.",
    fields: {
      seq: "The number of the entry, from 1 and without gaps.",
      at: "The time of the entry.",
      type: "The name of what happened.",
      method: "How the user signed in or proved an identity again.",
      wallet: "The wallet that the entry is about.",
      userId: "The other user of a merge.",
      by: "Who did this."
    }
  },
  ActivityWallet: {
    description: "The wallet that an entry is about.",
    fields: {
      id: "The id of the wallet.",
      address: "The address. Absent once the user no longer has the wallet.",
      chainId: "The chain of a contract wallet."
    }
  },
  ByUser: {
    description: "The user did this.",
    fields: {
      type: "Always `you`.",
      sessionId: "The session of the request.",
      userAgent: "The `User-Agent` of the session. Absent once the host forgot the session.",
      address: "The IP address of the session. Absent once the host forgot the session."
    }
  },
  BySystem: { description: "The host did this by itself.", fields: { type: "Always `system`." } },
  ByAdmin: {
    description: "An administrator did this.",
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
      use: "What the key is for."
    }
  },
  RequestIssue: {
    description: "One fault of a request.",
    fields: {
      path: "The place of the fault. The first part is `params`, `headers`, `query` or `payload`.",
      message: "What the host expects there."
    }
  }
}
