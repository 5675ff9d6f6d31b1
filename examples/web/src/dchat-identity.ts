/** The identity API: profile, LinkedIn, wallets, sessions, activity, merging. Copy it with dchat-http.ts. */
import { type DchatHttp, type Signer } from "./dchat-http.ts"

export interface Wallet {
  readonly id: string
  readonly kind: "eoa" | "contract"
  readonly chainId?: number
  readonly address: string
  readonly isPrimary: boolean
  readonly verifiedAt: string
}
export interface LinkedInProfile {
  readonly subject: string
  readonly name: string
  readonly email?: string
  readonly emailVerified: boolean
  readonly picture?: string
  readonly locale?: string
  readonly linkedAt: string
  readonly lastSyncAt: string
}
export interface User {
  readonly id: string
  readonly displayName: string
  readonly createdAt: string
  readonly company?: string
  readonly position?: string
  /** The primary one first. */
  readonly wallets: ReadonlyArray<Wallet>
  /** Stands for a wallet while there is none. */
  readonly temporaryWallet?: string
  readonly linkedin?: LinkedInProfile
}
export interface Session {
  readonly id: string
  readonly current: boolean
  readonly createdAt: string
  readonly lastSeenAt: string
  readonly userAgent?: string
  readonly address?: string
}
export interface Activity {
  readonly seq: number
  readonly at: string
  readonly type: string
  readonly method?: "wallet" | "linkedin"
  readonly wallet?: { readonly id: string; readonly address?: string }
  readonly by:
    | { readonly type: "you"; readonly userAgent?: string; readonly address?: string }
    | { readonly type: "system" }
    | { readonly type: "admin"; readonly reason: string }
}
export interface ActivityPage {
  readonly items: ReadonlyArray<Activity>
  readonly nextCursor?: string
}
export interface ProfileFields {
  readonly displayName?: string
  readonly company?: string
  readonly position?: string
}
type Me = { readonly user: User }

export class DchatIdentity {
  readonly #http: DchatHttp

  constructor(http: DchatHttp) {
    this.#http = http
  }

  me(): Promise<User> {
    return this.#user("GET", "/auth/me")
  }
  edit(fields: ProfileFields): Promise<User> {
    return this.#user("PATCH", "/auth/me", fields)
  }
  async linkWallet(signer: Signer): Promise<User> {
    return this.#user("POST", "/auth/wallet/link", await this.#http.prove(signer, "link"))
  }
  unlinkWallet(walletId: string): Promise<User> {
    return this.#user("POST", "/auth/wallet/unlink", { walletId })
  }
  makePrimary(walletId: string): Promise<User> {
    return this.#user("POST", "/auth/wallet/primary", { walletId })
  }
  /** The time of the last proof of this session. */
  async provedAt(): Promise<string> {
    return (await this.#http.request<{ session: { authenticatedAt: string } }>("GET", "/auth/me")).session
      .authenticatedAt
  }
  /** Makes the session count as fresh, which changes of how one signs in ask for. */
  async proveAgain(signer: Signer): Promise<User> {
    const proof = await this.#http.prove(signer, "reauth")
    return this.#user("POST", "/auth/wallet/verify", { ...proof, purpose: "reauth" })
  }

  async readLinkedIn(): Promise<User> {
    await this.#http.request("POST", "/auth/linkedin/sync")
    return this.me()
  }
  /** No body for a client that uses a cookie. */
  async unlinkLinkedIn(): Promise<User> {
    return (await this.#http.request<Me | undefined>("POST", "/auth/linkedin/unlink"))?.user ?? this.me()
  }

  async sessions(): Promise<ReadonlyArray<Session>> {
    return (await this.#http.request<{ items: ReadonlyArray<Session> }>("GET", "/auth/sessions")).items
  }
  endSession(id: string): Promise<void> {
    return this.#http.request("DELETE", `/auth/sessions/${id}`)
  }
  endOtherSessions(): Promise<{ ended: number }> {
    return this.#http.request("DELETE", "/auth/sessions")
  }
  /** The newest first; `cursor` of the page before. */
  activity(cursor?: string): Promise<ActivityPage> {
    const query = new URLSearchParams({ limit: "10", ...(cursor === undefined ? {} : { cursor }) })
    return this.#http.request("GET", `/auth/activity?${query}`)
  }

  /** Another token for this session. The one before serves reading for another 30 seconds. */
  rotate(): Promise<User> {
    return this.#user("POST", "/auth/rotate")
  }
  /** The right to merge, after a round trip to LinkedIn that ended at another user. */
  async mergeTicket(): Promise<string> {
    return (await this.#http.request<{ ticket: string }>("GET", "/auth/merge")).ticket
  }
  merge(ticket: string): Promise<User> {
    return this.#user("POST", "/auth/merge", { ticket })
  }
  signOut(): Promise<void> {
    return this.#http.request("POST", "/auth/logout")
  }
  delete(): Promise<void> {
    return this.#http.request("DELETE", "/auth/me")
  }

  async #user(method: string, path: string, body?: unknown): Promise<User> {
    return (await this.#http.request<Me>(method, path, body)).user
  }
}
