import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"
import { signInByWallet } from "./support/Browser.ts"
import { dchat, type Environment, startDchat } from "./support/CommandLine.ts"
import { sharedHost, startDchatProcess, withFolder } from "./support/Processes.ts"

const startLogin = async <Login extends ReturnType<typeof startDchat>>(
  start: (environment: Environment, ...words: ReadonlyArray<string>) => Login,
  environment: Environment,
  url: string
) => {
  const login = start(environment, "login", "--url", url, "--no-browser")
  const page = await login.written(/http\S+/)
  const { searchParams } = new URL(page)
  const callback = new URL(searchParams.get("redirect_uri") ?? "")
  const state = searchParams.get("state") ?? ""
  /** The callback with these parameters, one each. */
  const back = (...parameters: ReadonlyArray<readonly [string, string]>) => {
    const url = new URL(callback)
    for (const [name, value] of parameters) url.searchParams.append(name, value)
    return url
  }
  return { ...login, page, state, back }
}

const loginFile = (folder: string) => join(folder, "config/dchat/login.json")

const exists = (path: string) => stat(path).then(() => true, () => false)

const modeOf = async (path: string) => (await stat(path)).mode & 0o777

describe("dchat login", () => {
  const theHost = sharedHost()

  /** Works beside the host as somebody who has not signed in before. */
  const atHome = (
    work: (host: ReturnType<typeof theHost>["host"], environment: Environment, folder: string) => Promise<void>
  ) => withFolder((folder) => work(theHost().host, { XDG_CONFIG_HOME: join(folder, "config") }, folder))

  it("signs in through the browser, stores the session where only its user can read it, and ends it", {
    timeout: 90_000
  }, () =>
    atHome(async (host, environment, folder) => {
      const signIn = async () => {
        const { ended, page } = await startLogin(startDchat, environment, host.url)
        const answer = await fetch(await signInByWallet(page))
        assert.strictEqual(answer.status, 200)
        assert.include(await answer.text(), "You can close this page")
        const end = await ended
        assert.deepStrictEqual([end.code, end.stderr], [0, ""])
        const id = /Signed in at (\S+) as .+ \(([0-9a-f-]{36})\)\./.exec(end.stdout)?.[2]
        const { token, url } = JSON.parse(await readFile(loginFile(folder), "utf8"))
        assert.strictEqual(url, host.url)
        assert.strictEqual((await host.send("/auth/me", undefined, token)).user.id, id)
        assert.notMatch(end.stdout, /dc[a-z]_/)
        return { id, token }
      }

      const first = await signIn()
      assert.strictEqual(await modeOf(loginFile(folder)), 0o600)
      assert.strictEqual(await modeOf(join(folder, "config/dchat")), 0o700)
      const second = await signIn()
      assert.deepStrictEqual(await readdir(join(folder, "config/dchat")), ["login.json"])
      assert.strictEqual((await host.send("/auth/me", undefined, first.token)).code, "unauthenticated")

      const who = await dchat(environment, "whoami")
      assert.include(who.stdout, `(${second.id}) at ${host.url}\n`)
      assert.notInclude(who.stdout, second.token)

      assert.strictEqual((await dchat(environment, "logout")).stdout, `Signed out at ${host.url}.\n`)
      assert.isFalse(await exists(loginFile(folder)))
      assert.strictEqual((await host.send("/auth/me", undefined, second.token)).code, "unauthenticated")
      assert.strictEqual((await dchat(environment, "logout")).stdout, "You are not signed in.\n")
      const nobody = await dchat(environment, "whoami")
      assert.deepStrictEqual([nobody.code, nobody.stderr], [1, "dchat: you are not signed in: run `dchat login`\n"])
    }))

  it(
    "refuses callbacks that do not belong to the sign-in, and keeps waiting",
    { timeout: 60_000 },
    () =>
      atHome(async (host, environment) => {
        const { back, ended, page, state } = await startLogin(startDchat, environment, host.url)
        const own = ["state", state] as const
        for (
          const foreign of [
            back(),
            back(own),
            back(["code", "x"]),
            back(["code", "x"], ["state", "x"]),
            back(["code", "x"], own, own),
            back(["code", "x"], own, ["code", "y"]),
            back(["code", "x"], ["error", "y"], own),
            back(["error", "access_denied"]),
            back(["error", "access_denied"], ["state", `${state}x`])
          ]
        ) {
          assert.strictEqual((await fetch(foreign)).status, 400, foreign.search)
        }
        assert.strictEqual((await fetch(new URL("/", back()))).status, 404)
        assert.strictEqual((await fetch(new URL("/callback/", back()))).status, 404)
        assert.strictEqual((await fetch(back(["code", "x"], own), { method: "POST" })).status, 404)
        assert.strictEqual((await fetch(await signInByWallet(page))).status, 200)
        assert.strictEqual((await ended).code, 0)
      })
  )

  it(
    "reports in one line that the host refuses, and stores nothing",
    { timeout: 60_000 },
    () =>
      atHome(async (host, environment, folder) => {
        const code = `dcc_${"A".repeat(43)}`
        for (
          const [parameter, line] of [
            [["error", "access_denied"], "dchat: the host refused the sign-in: access_denied\n"],
            [["error", "\u001b[2J<script>"], "dchat: the host refused the sign-in: unknown_error\n"],
            [["code", code], `dchat: ${host.url} refused the request: the code is unknown, expired or already used\n`],
            [["code", "x".repeat(1000)], `dchat: ${host.url} is not a dchat host of this version\n`]
          ] as const
        ) {
          const { back, ended, state } = await startLogin(startDchat, environment, host.url)
          const answer = await fetch(back(parameter, ["state", state]))
          assert.strictEqual(answer.status, 200)
          assert.notInclude(await answer.text(), "script")
          const end = await ended
          assert.deepStrictEqual([end.code, end.stderr], [1, line])
          assert.isFalse(await exists(loginFile(folder)))
        }
      })
  )

  it(
    "ends without output when it is interrupted",
    { timeout: 60_000 },
    () =>
      atHome(async (host, environment, folder) => {
        const { back, ended, interrupt } = await startLogin(startDchatProcess, environment, host.url)
        interrupt()
        const end = await ended
        assert.deepStrictEqual([end.code, end.stderr], [130, ""])
        assert.isFalse(await exists(loginFile(folder)))
        const late = await fetch(back()).then(() => "answered", () => "nobody listens")
        assert.strictEqual(late, "nobody listens")
      })
  )

  it(
    "opens the page in the browser of the machine",
    { timeout: 60_000 },
    () =>
      atHome(async (host, environment, folder) => {
        const programs = join(folder, "programs")
        await mkdir(programs)
        const opened = join(folder, "opened")
        await promisify(execFile)("mkfifo", [opened])
        for (const name of ["xdg-open", "open"]) {
          await writeFile(join(programs, name), `#!/bin/sh\nprintf %s "$1" > '${opened}'\n`, { mode: 0o755 })
        }
        const login = startDchatProcess({ ...environment, PATH: programs }, "login", "--url", host.url)
        const page = await readFile(opened, "utf8")
        assert.strictEqual(page, await login.written(/http\S+/))
        await fetch(await signInByWallet(page))
        assert.strictEqual((await login.ended).code, 0)
      })
  )

  it("reports in one line that a host does not answer, or that the session or the file is unusable", {
    timeout: 60_000
  }, () =>
    withFolder(async (folder) => {
      const environment = { XDG_CONFIG_HOME: join(folder, "config") }
      const url = "http://127.0.0.1:1"
      const unreachable = await dchat(environment, "login", "--url", url, "--no-browser")
      assert.deepStrictEqual([unreachable.code, unreachable.stderr], [1, `dchat: ${url} does not answer\n`])
      const insecure = await dchat(environment, "login", "--url", "http://dchat.example")
      assert.strictEqual(insecure.code, 1)
      assert.include(insecure.stderr, "expected https://host")

      const token = `dcs_${"B".repeat(43)}`
      await mkdir(join(folder, "config/dchat"), { recursive: true })
      for (const text of [JSON.stringify({ token }).slice(1), JSON.stringify({ url: "http://dchat.example", token })]) {
        await writeFile(loginFile(folder), text)
        const { code, stderr } = await dchat(environment, "whoami")
        assert.strictEqual(code, 1)
        assert.match(stderr, /^dchat: \S+login\.json cannot be used: remove it[^\n]*\n$/)
        assert.notInclude(stderr, token)
      }
      await writeFile(loginFile(folder), JSON.stringify({ url, token }))
      const asked = await dchat(environment, "whoami")
      assert.deepStrictEqual([asked.code, asked.stderr], [1, `dchat: ${url} does not answer\n`])
      const left = await dchat(environment, "logout")
      assert.strictEqual(left.code, 1)
      assert.match(
        left.stderr,
        /^The token is deleted on this machine, but http:\/\/127\.0\.0\.1:1 does not answer[^\n]*\n$/
      )
      assert.isFalse(await exists(loginFile(folder)))
    }))

  it(
    "reports that a session has ended, and still signs out",
    { timeout: 60_000 },
    () =>
      atHome(async (host, environment, folder) => {
        await mkdir(join(folder, "config/dchat"), { recursive: true })
        await writeFile(loginFile(folder), JSON.stringify({ url: host.url, token: `dcs_${"B".repeat(43)}` }))
        const { code, stderr } = await dchat(environment, "whoami")
        assert.deepStrictEqual([code, stderr], [
          1,
          `dchat: the session at ${host.url} has ended: run \`dchat login\`\n`
        ])
        assert.strictEqual((await dchat(environment, "logout")).code, 0)
        assert.isFalse(await exists(loginFile(folder)))
      })
  )
})
