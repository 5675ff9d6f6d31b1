import { LinkedInDouble } from "@dchat/doubles/linkedin"
import { afterAll, assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { userInfo } from "node:os"
import { join } from "node:path"
import { signInByLinkedIn } from "./support/Browser.ts"
import { dchat, startDchat } from "./support/CommandLine.ts"
import { sharedHost, withFolder } from "./support/Processes.ts"

const nobody = "01984ab2-0000-7000-8000-0000000000ff"

describe("dchat users", () => {
  const scope = Scope.makeUnsafe()
  const standIn = Effect.runPromise(LinkedInDouble.start().pipe(Effect.provideService(Scope.Scope, scope)))
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  const theHost = sharedHost(async () => (await standIn).environment)
  const users = (...words: ReadonlyArray<string>) => dchat(theHost().environment, "users", ...words)

  it("shows, disables and enables the users of a running host", { timeout: 90_000 }, async () => {
    const { host } = theHost()
    const ann = await host.signIn()

    const { stdout: shown } = await users("show", ann.id)
    assert.match(shown, /status +active/)
    assert.match(shown, new RegExp(`wallets +${ann.address.toLowerCase()} \\(primary\\)`))
    assert.match(shown, /LinkedIn +not linked/)
    assert.match(shown, /sessions +1\n/)
    assert.match(shown, /last sign-in +20\d\d-/)
    assert.strictEqual((await users("show", ann.address)).stdout, shown)

    const disabled = await users("disable", ann.id, "--reason", "a stolen wallet", "--actor", "ops")
    assert.strictEqual(disabled.code, 0, disabled.stderr)
    assert.include(disabled.stdout, "within 2 seconds")
    assert.strictEqual((await host.send("/auth/me", undefined, ann.token)).code, "unauthenticated")
    assert.strictEqual((await ann.again()).code, "user_disabled")
    const { stdout: gone } = await users("show", ann.id)
    assert.match(gone, /status +disabled/)
    assert.match(gone, /sessions +0\n/)

    assert.strictEqual((await users("enable", ann.id, "--reason", "it was found")).code, 0)
    assert.strictEqual((await ann.again()).user.id, ann.id)
    const lines = (await users("activity", ann.id)).stdout.trim().split("\n")
    assert.deepStrictEqual(lines.map((line) => line.split("  ")[0]), ["6", "5", "4", "3", "2", "1"])
    assert.include(lines[0], "SignedIn by wallet")
    assert.include(lines[1], `Enabled  (administrator ${userInfo().username}: it was found)`)
    assert.include(lines[2], "Disabled  (administrator ops: a stolen wallet)")
    assert.include(lines[4], ann.address.toLowerCase())
    assert.strictEqual((await users("activity", ann.id, "--limit", "2")).stdout, `${lines.slice(0, 2).join("\n")}\n`)
  })

  it(
    "shows the LinkedIn account of a user, and no e-mail address anywhere",
    { timeout: 90_000 },
    () =>
      withFolder(async (folder) => {
        const { environment, host } = theHost()
        await Effect.runPromise((await standIn).allowRedirect(`${host.url}/auth/linkedin/callback`))
        const home = { ...environment, XDG_CONFIG_HOME: join(folder, "config") }
        const login = startDchat(home, "login", "--url", host.url, "--no-browser")
        const callback = await signInByLinkedIn(await login.written(/http\S+/), "ada")
        assert.strictEqual((await fetch(callback)).status, 200)
        const { stdout } = await login.ended
        const id = /\(([0-9a-f-]{36})\)/.exec(stdout)?.[1] ?? ""
        assert.include(stdout, "Ada Byrne")

        const { stdout: shown } = await users("show", id)
        assert.match(shown, /^Ada Byrne\n/)
        assert.match(shown, /wallets +none \(placeholder: tmp_/)
        assert.match(shown, /LinkedIn +subject ada of the application \S+, linked 20/)
        const { stdout: activity } = await users("activity", id)
        assert.include(activity, "AccountLinked LinkedIn ada")
        assert.notInclude(shown + activity, "@")
      })
  )

  it(
    "reports in one line that a user is unknown, and refuses a change without a reason",
    { timeout: 90_000 },
    async () => {
      for (
        const [words, line] of [
          [["show", `0x${"a".repeat(40)}`], `No user has the wallet 0x${"a".repeat(40)}.\n`],
          [["activity", nobody], `No such user: ${nobody}.\n`],
          [["disable", nobody, "--reason", "x"], `No such active user: ${nobody}.\n`]
        ] as const
      ) {
        const { code, stderr } = await users(...words)
        assert.deepStrictEqual([code, stderr], [1, line])
      }
      assert.strictEqual((await users("disable", nobody, "--reason", " ")).code, 1)
    }
  )
})
