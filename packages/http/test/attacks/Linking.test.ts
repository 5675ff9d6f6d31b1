import { IdentityAdministration, SessionRepository, UserId } from "@dchat/domain/identity"
import { assert, layer } from "@effect/vitest"
import { DateTime, Duration, Effect, Layer, Option } from "effect"
import { SqlClient } from "effect/sql"
import { generatePrivateKey } from "viem/accounts"
import { backends } from "../../../adapters/test/support/TestDatabase.ts"
import { DatabasePorts, MemoryPorts } from "../../src/host/Layers.ts"
import { assertProblem, type Browser, locationOf, newBrowser } from "../support/Browser.ts"
import { linkedInHost, LinkedInStandIn } from "../support/LinkedInHost.ts"
import { TestHost } from "../support/TestHost.ts"

/** A separate user at LinkedIn. */
const newSubject = Effect.gen(function*() {
  const { addPerson } = yield* LinkedInStandIn
  const subject = `s${generatePrivateKey().slice(2, 14)}`
  yield* addPerson({ subject, name: `Person ${subject}`, email: "same@example.com", emailVerified: true })
  return subject
})

const me = (browser: Browser) => Effect.map(browser.get("/auth/me"), ({ json }) => json)

/** Makes the proof of this browser's session too old for linking. */
const goStale = Effect.fnUntraced(function*(browser: Browser) {
  const { session } = yield* me(browser)
  const old = DateTime.subtractDuration(yield* DateTime.now, Duration.minutes(11))
  yield* (yield* SessionRepository).reauthenticated(session.id, old)
})

const hosts: ReadonlyArray<{
  readonly name: string
  readonly ports: Layer.Layer<Layer.Success<typeof DatabasePorts>>
}> = [
  { name: "in memory", ports: MemoryPorts },
  ...backends.map(({ layer: database, name }) => ({
    name: `on ${name}`,
    ports: DatabasePorts.pipe(Layer.provideMerge(database))
  }))
]

for (const { name, ports } of hosts) {
  layer(linkedInHost(ports), { excludeTestServices: true })(`Linking, ${name}`, (it) => {
    it.effect("creates one user for 60 concurrent first sign-ins with one subject", () =>
      Effect.gen(function*() {
        const subject = yield* newSubject
        const paths = yield* Effect.forEach(Array.from({ length: 60 }), () =>
          Effect.gen(function*() {
            const browser = yield* newBrowser
            return { browser, path: yield* browser.visit(yield* browser.begin(), subject) }
          }), { concurrency: 20 })
        const ids = yield* Effect.forEach(paths, ({ browser, path }) =>
          Effect.gen(function*() {
            assert.strictEqual(locationOf(yield* browser.get(path)), "/")
            return (yield* me(browser)).user.id as string
          }), { concurrency: "unbounded" })
        assert.strictEqual(new Set(ids).size, 1)
      }), 60_000)

    it.effect("never identifies two users by their e-mail address", () =>
      Effect.gen(function*() {
        const [ann, bob] = [yield* newBrowser, yield* newBrowser]
        yield* ann.linkedIn(yield* newSubject)
        yield* bob.linkedIn(yield* newSubject)
        const [one, other] = [yield* me(ann), yield* me(bob)]
        assert.strictEqual(one.user.linkedin.email, other.user.linkedin.email)
        assert.notStrictEqual(one.user.id, other.user.id)
      }))

    it.effect("creates a separate user for a new LinkedIn account, even if its name is in use", () =>
      Effect.gen(function*() {
        const [squatter, owner] = [yield* newBrowser, yield* newBrowser]
        const subject = yield* newSubject
        const { id } = yield* squatter.signInByWallet()
        yield* squatter.send("PATCH", "/auth/me", { body: { displayName: `Person ${subject}` } })
        yield* owner.linkedIn(subject)
        assert.notStrictEqual((yield* me(owner)).user.id, id)
      }))

    it.effect("links, unlinks, and signs the same user in again", () =>
      Effect.gen(function*() {
        const subject = yield* newSubject
        const browser = yield* newBrowser
        yield* browser.linkedIn(subject)
        const { user } = yield* me(browser)
        const before = browser.session
        const linked = yield* browser.post("/auth/wallet/link", yield* browser.proof("link"))
        assert.strictEqual(linked.status, 200, linked.text)
        assert.notProperty(linked.json, "token")
        assert.notProperty(linked.json.user, "temporaryWallet")
        assert.notStrictEqual(browser.session, before)
        assert.strictEqual((yield* browser.post("/auth/linkedin/unlink")).status, 204)
        assertProblem(yield* browser.get("/auth/linkedin/profile"), 404, "linkedin_not_linked")
        const again = yield* browser.linkedIn(subject, "link")
        assert.strictEqual(locationOf(again), "/")
        const [wallet] = (yield* me(browser)).user.wallets
        const alone = yield* browser.post("/auth/wallet/unlink", { walletId: wallet.id })
        assert.strictEqual(alone.status, 200, alone.text)
        assert.notStrictEqual(alone.json.user.temporaryWallet, user.temporaryWallet)
        const other = yield* newBrowser
        yield* other.linkedIn(subject)
        assert.strictEqual((yield* me(other)).user.id, user.id)
      }))

    it.effect("refuses to remove the last way to sign in", () =>
      Effect.gen(function*() {
        const [ann, bob] = [yield* newBrowser, yield* newBrowser]
        yield* ann.linkedIn(yield* newSubject)
        assertProblem(yield* ann.post("/auth/linkedin/unlink"), 409, "last_login_method")
        const { wallets } = yield* bob.signInByWallet()
        assertProblem(yield* bob.post("/auth/wallet/unlink", { walletId: wallets[0]?.id }), 409, "last_login_method")
      }))

    it.effect("keeps one way to sign in if both are unlinked at once", () =>
      Effect.gen(function*() {
        for (let round = 0; round < 10; round++) {
          const browser = yield* newBrowser
          yield* browser.linkedIn(yield* newSubject)
          const linked = yield* browser.post("/auth/wallet/link", yield* browser.proof("link"))
          const [wallet] = linked.json.user.wallets
          const answers = yield* Effect.all([
            browser.post("/auth/linkedin/unlink"),
            browser.post("/auth/wallet/unlink", { walletId: wallet.id })
          ], { concurrency: "unbounded" })
          assert.strictEqual(answers.filter(({ status }) => status < 300).length, 1)
          const refusal = answers.find(({ status }) => status >= 300)
          // The second one comes by a token that the first one has replaced, or finds what the first one has left.
          assert.include(["last_login_method", "token_replaced"], refusal?.json.code)
        }
      }), 30_000)

    it.effect("does not reveal the owner of a credential, and offers a merge", () =>
      Effect.gen(function*() {
        const [ann, bob] = [yield* newBrowser, yield* newBrowser]
        const key = generatePrivateKey()
        const owner = yield* bob.signInByWallet(key)
        yield* ann.linkedIn(yield* newSubject)
        const answer = yield* ann.post("/auth/wallet/link", yield* ann.proof("link", key))
        assertProblem(answer, 409, "owned_by_other")
        assert.match(answer.json.ticket, /^dcm_/)
        assert.notInclude(answer.text, owner.id)
      }))

    it.effect("merges two users, and the signed-in user survives", () =>
      Effect.gen(function*() {
        const [ann, bob] = [yield* newBrowser, yield* newBrowser]
        const key = generatePrivateKey()
        const absorbed = yield* bob.signInByWallet(key)
        const subject = yield* newSubject
        yield* ann.linkedIn(subject)
        const survivor = (yield* me(ann)).user
        const { json } = yield* ann.post("/auth/wallet/link", yield* ann.proof("link", key))
        const stranger = yield* newBrowser
        yield* stranger.signInByWallet()
        assertProblem(yield* stranger.post("/auth/merge", { ticket: json.ticket }), 403, "merge_ticket_invalid")
        // Another session of the same user does not use the ticket up either.
        const elsewhere = yield* newBrowser
        yield* elsewhere.linkedIn(subject)
        assertProblem(yield* elsewhere.post("/auth/merge", { ticket: json.ticket }), 403, "merge_ticket_invalid")
        const before = ann.session
        const merged = yield* ann.post("/auth/merge", { ticket: json.ticket })
        assert.strictEqual(merged.status, 200, merged.text)
        assert.strictEqual(merged.json.user.id, survivor.id)
        assert.strictEqual(merged.json.user.wallets[0].id, absorbed.wallets[0]?.id)
        assert.strictEqual(merged.json.user.linkedin.subject, subject)
        assert.notStrictEqual(ann.session, before)
        assertProblem(yield* bob.get("/auth/me"), 401, "unauthenticated")
        assertProblem(yield* ann.post("/auth/merge", { ticket: json.ticket }), 403, "merge_ticket_invalid")
        assert.strictEqual((yield* bob.signInByWallet(key)).id, survivor.id)
        assert.strictEqual((yield* ann.get(`/api/users/${absorbed.id}`)).json.id, survivor.id)
      }))

    it.effect("gives the thief of a wallet no merge once the owner has unlinked that wallet", () =>
      Effect.gen(function*() {
        const [thief, owner] = [yield* newBrowser, yield* newBrowser]
        const stolen = generatePrivateKey()
        const { id } = yield* owner.signInByWallet()
        const linked = yield* owner.post("/auth/wallet/link", yield* owner.proof("link", stolen))
        const wallet = linked.json.user.wallets.find(({ isPrimary }: { readonly isPrimary: boolean }) => !isPrimary)
        yield* thief.signInByWallet()
        const { json } = yield* thief.post("/auth/wallet/link", yield* thief.proof("link", stolen))
        assert.strictEqual(json.code, "owned_by_other")
        assert.strictEqual((yield* owner.post("/auth/wallet/unlink", { walletId: wallet.id })).status, 200)
        assertProblem(yield* thief.get("/auth/merge"), 404, "no_merge_pending")
        assertProblem(yield* thief.post("/auth/merge", { ticket: json.ticket }), 403, "merge_ticket_invalid")
        assert.strictEqual((yield* me(owner)).user.id, id)
      }))

    it.effect("gives no merge ticket for the wallet of a disabled user", () =>
      Effect.gen(function*() {
        const [thief, owner] = [yield* newBrowser, yield* newBrowser]
        const stolen = generatePrivateKey()
        const { id } = yield* owner.signInByWallet(stolen)
        yield* (yield* IdentityAdministration).disable(UserId.make(id), { actor: "operator", reason: "abuse" })
        yield* thief.signInByWallet()
        const answer = yield* thief.post("/auth/wallet/link", yield* thief.proof("link", stolen))
        assertProblem(answer, 409, "owned_by_other")
        assert.notProperty(answer.json, "ticket")
      }))

    it.effect("gives the merge ticket after a round trip to LinkedIn that ended at another user", () =>
      Effect.gen(function*() {
        const [ann, bob] = [yield* newBrowser, yield* newBrowser]
        const subject = yield* newSubject
        yield* bob.linkedIn(subject)
        yield* ann.signInByWallet()
        assertProblem(yield* ann.get("/auth/merge"), 404, "no_merge_pending")
        const path = yield* ann.visit(yield* ann.begin("link", {}, "/account"), subject)
        // A callback that comes again says the same, so that the page offers the merge.
        for (const _ of [1, 2]) assert.strictEqual(locationOf(yield* ann.get(path)), "/account?error=owned_by_other")
        const { json } = yield* ann.get("/auth/merge")
        const merged = yield* ann.post("/auth/merge", { ticket: json.ticket })
        assert.strictEqual(merged.json.user.linkedin.subject, subject)
        assert.strictEqual((yield* ann.post("/auth/linkedin/sync")).status, 200)
      }))

    it.effect("refuses to merge two users who both have LinkedIn, or one of whom is in a call", () =>
      Effect.gen(function*() {
        const [ann, bob] = [yield* newBrowser, yield* newBrowser]
        const key = generatePrivateKey()
        const { id } = yield* bob.signInByWallet(key)
        yield* bob.linkedIn(yield* newSubject, "link")
        yield* ann.linkedIn(yield* newSubject)
        const offer = () => Effect.flatMap(ann.proof("link", key), (proof) => ann.post("/auth/wallet/link", proof))
        const { json } = yield* offer()
        assertProblem(yield* ann.post("/auth/merge", { ticket: json.ticket }), 409, "merge_two_linkedin")
        yield* bob.post("/auth/linkedin/unlink")
        const call = yield* ann.post("/api/webrtc/call/initiate", { type: "audio", participants: [id] })
        assert.strictEqual(call.status, 201, call.text)
        const during = (yield* offer()).json
        assertProblem(yield* ann.post("/auth/merge", { ticket: during.ticket }), 409, "merge_in_call")
        yield* ann.post(`/api/webrtc/call/${call.json.id}/end`, {})
        const after = (yield* offer()).json
        const merged = yield* ann.post("/auth/merge", { ticket: after.ticket })
        assert.strictEqual(merged.status, 200, merged.text)
        const history = yield* ann.get("/api/webrtc/calls/history")
        assert.deepStrictEqual(history.json.items.map((item: { readonly id: string }) => item.id), [call.json.id])
      }))

    it.effect("refuses a flow that is completed under another session", () =>
      Effect.gen(function*() {
        const browser = yield* newBrowser
        yield* browser.signInByWallet()
        const path = yield* browser.visit(yield* browser.begin("link"), yield* newSubject)
        const flow = new Map([...browser.cookies].filter(([name]) => name.includes("linkedin")))
        const other = yield* newBrowser
        yield* other.signInByWallet()
        for (const [name, value] of flow) other.cookies.set(name, value)
        assert.strictEqual(locationOf(yield* other.get(path)), "/?error=session_mismatch")
        assert.notProperty((yield* me(other)).user, "linkedin")
      }))

    it.effect("refuses a flow whose user has signed out in the meantime", () =>
      Effect.gen(function*() {
        const browser = yield* newBrowser
        yield* browser.signInByWallet()
        const path = yield* browser.visit(yield* browser.begin("link"), yield* newSubject)
        yield* browser.post("/auth/logout")
        assert.strictEqual(locationOf(yield* browser.get(path)), "/?error=session_ended")
      }))

    it.effect("requires a fresh proof before it changes the ways to sign in", () =>
      Effect.gen(function*() {
        const browser = yield* newBrowser
        const key = generatePrivateKey()
        const { wallets } = yield* browser.signInByWallet(key)
        yield* goStale(browser)
        assertProblem(yield* browser.post("/auth/wallet/link", yield* browser.proof("link")), 403, "reauth_required")
        assertProblem(yield* browser.post("/auth/linkedin/unlink"), 403, "reauth_required")
        assertProblem(
          yield* browser.post("/auth/wallet/unlink", { walletId: wallets[0]?.id }),
          403,
          "reauth_required"
        )
        assertProblem(yield* browser.send("DELETE", "/auth/me"), 403, "reauth_required")
        assert.strictEqual(locationOf(yield* browser.linkedIn(yield* newSubject, "link")), "/?error=reauth_required")
        const stranger = { ...yield* browser.proof("reauth"), purpose: "reauth" }
        assertProblem(yield* browser.post("/auth/wallet/verify", stranger), 409, "reauth_mismatch")
        assert.strictEqual(locationOf(yield* browser.linkedIn(yield* newSubject, "reauth")), "/?error=reauth_mismatch")
        const own = yield* browser.post("/auth/wallet/verify", {
          ...yield* browser.proof("reauth", key),
          purpose: "reauth"
        })
        assert.strictEqual(own.status, 200, own.text)
        const linked = yield* browser.post("/auth/wallet/link", yield* browser.proof("link"))
        assert.strictEqual(linked.status, 200, linked.text)
      }))

    it.effect("does nothing for pages of other origins", () =>
      Effect.gen(function*() {
        const browser = yield* newBrowser
        yield* browser.signInByWallet()
        const proof = yield* browser.proof("link")
        for (
          const [path, body] of [
            ["/auth/wallet/link", proof],
            ["/auth/linkedin/unlink", undefined],
            ["/auth/merge", { ticket: "x" }],
            ["/auth/rotate", undefined]
          ] as const
        ) {
          const evil = { headers: { origin: "https://evil.example" }, ...(body === undefined ? {} : { body }) }
          assertProblem(yield* browser.send("POST", path, evil), 403, "origin_not_allowed")
        }
        const evil = { headers: { origin: "https://evil.example" } }
        assertProblem(yield* browser.send("DELETE", "/auth/sessions", evil), 403, "origin_not_allowed")
      }))

    it.effect("signs no victim in as the attacker", () =>
      Effect.gen(function*() {
        const [attacker, victim] = [yield* newBrowser, yield* newBrowser]
        const { id } = yield* victim.signInByWallet()
        const path = yield* attacker.visit(yield* attacker.begin(), yield* newSubject)
        assert.strictEqual(locationOf(yield* victim.get(path)), "/?error=state_invalid")
        assert.strictEqual((yield* me(victim)).user.id, id)
      }))

    it.effect("refuses a disabled user", () =>
      Effect.gen(function*() {
        const administration = yield* IdentityAdministration
        const subject = yield* newSubject
        const browser = yield* newBrowser
        yield* browser.linkedIn(subject)
        const { user } = yield* me(browser)
        const id = UserId.make(user.id)
        yield* administration.disable(id, { actor: "operator", reason: "abuse" })
        assertProblem(yield* browser.get("/auth/me"), 401, "unauthenticated")
        assert.strictEqual(locationOf(yield* browser.linkedIn(subject)), "/?error=user_disabled")
        yield* administration.enable(id, { actor: "operator", reason: "appeal" })
        assert.strictEqual(locationOf(yield* browser.linkedIn(subject)), "/")
        const { json } = yield* browser.get("/auth/activity")
        const types = json.items.map(({ type }: { readonly type: string }) => type)
        assert.includeMembers(types, ["Registered", "Disabled", "Enabled", "SignedIn"])
      }))

    it.effect("reads the profile again, and requires LinkedIn once its token is dead", () =>
      Effect.gen(function*() {
        const { addPerson, revokeTokens } = yield* LinkedInStandIn
        const subject = yield* newSubject
        const browser = yield* newBrowser
        yield* browser.linkedIn(subject)
        yield* addPerson({ subject, name: "Another Name" })
        const synced = yield* browser.post("/auth/linkedin/sync")
        assert.strictEqual(synced.json.name, "Another Name", synced.text)
        assert.strictEqual((yield* me(browser)).user.displayName, "Another Name")
        yield* browser.send("PATCH", "/auth/me", { body: { displayName: "My own" } })
        yield* addPerson({ subject, name: "A Third Name" })
        yield* browser.post("/auth/linkedin/sync")
        assert.strictEqual((yield* me(browser)).user.displayName, "My own")
        yield* revokeTokens(subject)
        for (let attempt = 0; attempt < 2; attempt++) {
          assertProblem(yield* browser.post("/auth/linkedin/sync"), 409, "linkedin_reauthorization_required")
        }
        assert.strictEqual(locationOf(yield* browser.linkedIn(subject, "reauth")), "/")
        assert.strictEqual((yield* browser.post("/auth/linkedin/sync")).status, 200)
      }))

    it.effect("gives a client with a bearer token a new token, also after a round trip", () =>
      Effect.gen(function*() {
        const { send, signIn } = yield* TestHost
        const ann = yield* signIn()
        const browser = yield* newBrowser
        const begun = yield* browser.send("GET", "/auth/linkedin/auth-url?mode=link", { token: ann.token })
        const token: string = begun.json.nextToken
        assertProblem(yield* send("GET", "/auth/me", { token }), 401, "unauthenticated")
        const path = yield* browser.visit(new URL(begun.json.url), yield* newSubject)
        assert.strictEqual(locationOf(yield* browser.get(path)), "/")
        assert.isUndefined(browser.session, "the browser has no session of its own")
        assert.property((yield* send("GET", "/auth/me", { token })).json.user, "linkedin")
        // A copy of the former token, which a thief may have, gets nothing by asking for a new one.
        assertProblem(yield* ann.post("/auth/rotate"), 409, "token_replaced")
        const unlinked = yield* send("POST", "/auth/linkedin/unlink", { token })
        assert.strictEqual(unlinked.status, 200, unlinked.text)
        assert.notStrictEqual(unlinked.json.token, token)
        assert.strictEqual((yield* send("GET", "/auth/me", { token: unlinked.json.token })).status, 200)
      }))

    it.effect("deletes the name and e-mail of LinkedIn with the link, and with the user", () =>
      Effect.gen(function*() {
        const { addPerson } = yield* LinkedInStandIn
        const sql = yield* Effect.serviceOption(SqlClient.SqlClient)
        assert.strictEqual(Option.isSome(sql), name !== "in memory")
        for (const end of ["unlink", "delete"] as const) {
          const subject = `s${generatePrivateKey().slice(2, 14)}`
          const [displayName, email] = [`Zsofia ${subject}`, `${subject}@example.org`]
          yield* addPerson({ subject, name: displayName, email, emailVerified: true })
          const browser = yield* newBrowser
          yield* browser.linkedIn(subject)
          yield* browser.post("/auth/wallet/link", yield* browser.proof("link"))
          yield* browser.linkedIn(subject)
          yield* browser.post("/auth/linkedin/sync")
          assert.strictEqual((yield* me(browser)).user.displayName, displayName)
          const ended = yield* end === "unlink"
            ? browser.post("/auth/linkedin/unlink")
            : browser.send("DELETE", "/auth/me")
          assert.strictEqual(ended.status, 204, ended.text)
          if (Option.isNone(sql)) continue
          const tables = yield* sql.value<{ readonly name: string }>`
            SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'public'`
          for (const table of tables) {
            const rows = yield* sql.value<{ readonly row: string }>`
              SELECT t::text AS row FROM ${sql.value.literal(table.name)} AS t
              WHERE t::text ILIKE ${`%${displayName}%`} OR t::text ILIKE ${`%${email}%`}`
            assert.deepStrictEqual(rows, [], table.name)
          }
        }
      }))

    it.effect("removes all personal data with the user", () =>
      Effect.gen(function*() {
        const subject = yield* newSubject
        const browser = yield* newBrowser
        yield* browser.linkedIn(subject)
        const { user } = yield* me(browser)
        assert.strictEqual((yield* browser.send("DELETE", "/auth/me")).status, 204)
        assertProblem(yield* browser.get("/auth/me"), 401, "unauthenticated")
        const other = yield* newBrowser
        yield* other.linkedIn(subject)
        assert.notStrictEqual((yield* me(other)).user.id, user.id)
        assertProblem(yield* other.get(`/api/users/${user.id}`), 404, "user_not_found")
      }))
  })
}
