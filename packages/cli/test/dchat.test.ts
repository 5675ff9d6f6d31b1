import { assert, describe, it } from "@effect/vitest"
import { join } from "node:path"
import { dchat } from "./support/CommandLine.ts"
import { dchatProcess, inDatabase, sharedHost, withFolder } from "./support/Processes.ts"

describe("dchat", () => {
  const theHost = sharedHost()

  it("lists its commands", async () => {
    const { code, stdout } = await dchatProcess({}, "--help")
    assert.strictEqual(code, 0)
    for (const name of ["migrate", "calls", "users", "secrets", "login", "whoami", "logout"]) {
      assert.include(stdout, name)
    }
  })

  it(
    "migrates an embedded database once, and finds no call in it",
    { timeout: 60_000 },
    () =>
      withFolder(async (folder) => {
        const environment = { DCHAT_DATA_DIR: join(folder, "data") }
        const early = await dchat(environment, "calls", "list")
        assert.strictEqual(early.code, 1)
        assert.match(early.stderr, /^dchat: the database is older [^\n]*dchat migrate[^\n]*\n$/)
        assert.include((await dchat(environment, "migrate")).stdout, "calls")
        assert.include((await dchat(environment, "migrate")).stdout, "up to date")
        const missing = await dchat(environment, "calls", "show", "01984ab2-0000-7000-8000-0000000000ff")
        assert.strictEqual(missing.code, 1)
        assert.include(missing.stderr, "No such call")
      })
  )

  it("lists and ends the calls of a running host", { timeout: 60_000 }, async () => {
    const { environment, host } = theHost()
    const [ann, bob] = [await host.signIn(), await host.signIn()]
    const payload = { type: "audio", participants: [bob.id] }
    const { id } = await host.send("/api/webrtc/call/initiate", payload, ann.token)
    assert.include(
      (await dchatProcess(environment, "calls", "list")).stdout,
      `${id}  initiated  direct audio  2 participants`
    )
    assert.include((await dchat(environment, "calls", "show", id)).stdout, bob.id)

    assert.include((await dchat(environment, "calls", "end", id)).stdout, "ended_by_admin")
    assert.include((await dchat(environment, "calls", "list")).stdout, "No call is open")
    assert.deepInclude(await host.send(`/api/webrtc/call/${id}?after=0`, undefined, ann.token), {
      state: "disconnected",
      endReason: "ended_by_admin"
    })
    assert.strictEqual((await dchat(environment, "calls", "end", id)).code, 0)
  })

  it("reports in one line that a call is unreadable, and that the call was ended", { timeout: 60_000 }, async () => {
    const { environment, host } = theHost()
    const [ann, bob] = [await host.signIn(), await host.signIn()]
    const payload = { type: "audio", participants: [bob.id] }
    const { id } = await host.send("/api/webrtc/call/initiate", payload, ann.token)
    await inDatabase(environment, `UPDATE calls SET state = (state::jsonb - 'limits')::json WHERE id = '${id}'`)
    const show = () => dchat(environment, "calls", "show", id)
    assert.deepInclude(await show(), { code: 1, stdout: "" })
    assert.match((await show()).stderr, /^The call \S+ cannot be read: [^\n]*limits[^\n]*\n$/)
    assert.include((await dchat(environment, "calls", "list")).stdout, `${id}  unreadable`)
    assert.include((await dchat(environment, "calls", "end", id)).stdout, "The call has ended")
    assert.match((await show()).stderr, /^The call \S+ cannot be read: [^\n]*ended[^\n]*\n$/)
  })

  it("reports in one line that a database does not answer, without its password", async () => {
    const failed = await dchatProcess({ DATABASE_URL: "postgres://ann:hunter2@127.0.0.1:1/dchat" }, "calls", "list")
    assert.strictEqual(failed.code, 1)
    assert.match(failed.stderr, /^dchat: Database dchat on 127\.0\.0\.1:1 is unreachable[^\n]*\n$/)
    assert.notInclude(failed.stderr, "hunter2")
  })
})
