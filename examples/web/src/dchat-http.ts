/** Speaks HTTP to a dchat host: requests and refusals, tokens and cookies, sign-in. Depends on nothing: copy it. */

export type ProofPurpose = "login" | "link" | "reauth"
export type Signer = { address: string; chainId: number; sign: (message: string) => Promise<string> }
export type SignedMessage = { nonceId: string; signature: string }

/** A refusal or failure: the host's problem details (RFC 9457), or `unreachable` or `timeout` with status 0. */
export class DchatProblem extends Error {
  readonly code: string
  readonly status: number
  readonly requestId: string | undefined
  /** The right to merge with the owner of a wallet; comes with `owned_by_other`. */
  readonly ticket: string | undefined
  /** Which of the reasons that its code stands for; comes with `refund_not_allowed`. */
  readonly reason: string | undefined
  /** When a renewal can be paid; comes with `renewal_not_open`. */
  readonly opensAt: string | undefined
  constructor(
    problem: {
      code?: string
      status?: number
      title?: string
      detail?: string
      requestId?: string
      ticket?: string
      reason?: string
      opensAt?: string
    }
  ) {
    super(problem.detail ?? problem.title ?? "The request failed.")
    this.code = problem.code ?? "unknown"
    this.status = problem.status ?? 0
    this.requestId = problem.requestId
    this.ticket = problem.ticket
    this.reason = problem.reason
    this.opensAt = problem.opensAt
  }
}

export interface DchatHttpOptions {
  readonly base: string
  readonly device: string
  readonly token?: string | undefined
  /** Told when the session goes on under another token. */
  readonly tokenChanged?: (token: string) => void
}

export interface RequestRules {
  /** The request outlives the page. */
  readonly keepalive?: boolean
  /** `omit` ignores the cookie of the browser; `same-origin` receives a cookie; the default depends on the client. */
  readonly cookies?: "omit" | "same-origin"
}

/** With a token it is a session of its own; without one it goes by the cookie that the browser has of the host. */
export class DchatHttp {
  token: string | undefined
  readonly device: string
  protected readonly base: string
  readonly #tokenChanged: (token: string) => void

  constructor({ base, device, token, tokenChanged = () => {} }: DchatHttpOptions) {
    this.base = base
    this.device = device
    this.token = token
    this.#tokenChanged = tokenChanged
  }

  async request<A>(
    method: string,
    path: string,
    body?: unknown,
    { cookies, keepalive = false }: RequestRules = {}
  ): Promise<A> {
    const headers: Record<string, string> = { accept: "application/json", "dchat-device": this.device }
    if (this.token !== undefined) headers["authorization"] = `Bearer ${this.token}`
    if (body !== undefined) headers["content-type"] = "application/json"
    const sent = { method, headers, keepalive, body: body === undefined ? null : JSON.stringify(body) }
    const credentials = cookies ?? (this.token === undefined ? "same-origin" : "omit")
    const rules = { credentials, cache: "no-store", signal: AbortSignal.timeout(15_000) } as const
    const response = await fetch(new URL(path, this.base), { ...sent, ...rules }).catch(() => {
      throw new DchatProblem({ code: "unreachable", title: "The server cannot be reached." })
    })
    const answer: { token?: unknown } | undefined = await response.json().catch(() => undefined)
    if (!response.ok) throw new DchatProblem({ status: response.status, title: response.statusText, ...answer })
    if (typeof answer?.token === "string") this.#adopt(answer.token)
    return answer as A
  }

  /** Signs in by an address and stores the session's token. The cookie of the browser does not change. */
  async signIn(signer: Signer): Promise<void> {
    const proof = { ...await this.prove(signer, "login"), transport: "bearer" }
    await this.request("POST", "/auth/wallet/verify", proof, { cookies: "omit" })
  }

  /** Proves an address (EIP-4361): the host writes the message, the signer signs it. */
  async prove({ address, chainId, sign }: Signer, purpose: ProofPurpose): Promise<SignedMessage> {
    type Nonce = { nonceId: string; message: string }
    const rules = purpose === "login" ? { cookies: "omit" } as const : {}
    const asked = { address, chainId, purpose }
    const { message, nonceId } = await this.request<Nonce>("POST", "/auth/wallet/nonce", asked, rules)
    return { nonceId, signature: await sign(message) }
  }

  /**
   * Where to send the browser. The answer brings a cookie, without which the way back from LinkedIn ends nowhere; and for
   * linking with a token the one under which the session goes on once it is linked.
   */
  linkedInUrl(mode: ProofPurpose, returnTo: string): Promise<{ url: string; nextToken?: string }> {
    const path = `/auth/linkedin/auth-url?${new URLSearchParams({ mode, returnTo })}`
    return this.request("GET", path, undefined, { cookies: "same-origin" })
  }

  #adopt(token: string): void {
    this.token = token
    this.#tokenChanged(token)
  }
}
