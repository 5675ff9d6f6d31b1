/** Names of users, each requested once, and the search for users to call. */
import { type DchatClient, type Page, type PublicUser } from "./dchat-client.ts"

export const shortAddress = (address: string): string => `${address.slice(0, 6)}…${address.slice(-4)}`

export class Users {
  /** Told when a name has arrived. */
  onChange: () => void = () => {}
  readonly #client: DchatClient
  readonly #known = new Map<string, PublicUser>()
  readonly #asked = new Set<string>()

  constructor(client: DchatClient) {
    this.#client = client
  }

  async search(query: string): Promise<ReadonlyArray<PublicUser>> {
    const { items } = await this.#client.request<Page<PublicUser>>(
      "GET",
      `/api/users?query=${encodeURIComponent(query)}`
    )
    for (const user of items) this.#known.set(user.id, user)
    return items
  }

  name(id: string): string {
    const known = this.#known.get(id)
    if (known === undefined) this.#look(id)
    return known?.displayName ?? "Somebody"
  }

  /** The proved identities of a user, in words. The name is chosen freely. */
  proof(id: string): string {
    const known = this.#known.get(id)
    if (known === undefined) return ""
    const proved = [
      ...(known.wallet === undefined ? [] : [`Wallet ${shortAddress(known.wallet)}`]),
      ...(known.linkedin === undefined ? [] : ["LinkedIn verified"])
    ]
    return proved.length === 0 ? "No proved identity" : proved.join(" · ")
  }

  /** `Ann`, `Ann and Bob`, `Ann, Bob and 2 more`. */
  names(ids: ReadonlyArray<string>): string {
    const [first = "Nobody", second, ...more] = ids.map((id) => this.name(id))
    if (second === undefined) return first
    if (more.length === 0) return `${first} and ${second}`
    return `${first}, ${second} and ${more.length} more`
  }

  #look(id: string): void {
    if (this.#asked.has(id)) return
    this.#asked.add(id)
    this.#client.request<PublicUser>("GET", `/api/users/${id}`).then((user) => {
      this.#known.set(id, user)
      this.onChange()
    }).catch(() => setTimeout(() => this.#asked.delete(id), 5000))
  }
}
