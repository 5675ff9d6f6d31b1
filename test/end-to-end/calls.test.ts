/**
 * The first steps of a newcomer: start the host, open windows of one browser, sign in, and call.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser, BrowserContext } from "playwright-core"
import { type Host, startHost } from "./support/host.ts"
import { isLeftOut, launchBrowser, Person } from "./support/page.ts"

describe.skipIf(isLeftOut)("The page", { timeout: 120_000 }, () => {
  let folder: string
  let host: Host & { readonly port: number }
  let browser: Browser
  let windows: BrowserContext
  const environment = { DCHAT_CALL_TIMEOUTS: JSON.stringify({ ring: 6 }) }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dchat-end-to-end-"))
    await chmod(folder, 0o755)
    host = await startHost(folder, { environment })
    browser = await launchBrowser()
    windows = await browser.newContext({ permissions: ["microphone", "camera"] })
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  const people = async (count: number) => {
    const all: Array<Person> = []
    for (let index = 0; index < count; index++) all.push(await Person.signIn(windows, host.url))
    return all as [Person, Person, Person]
  }

  const leave = async (...all: ReadonlyArray<Person>) => {
    for (const person of all) {
      assert.deepStrictEqual(person.errors, [])
      await person.page.close()
    }
  }

  const videoCall = async (ann: Person, bob: Person) => {
    await ann.call(bob, "video")
    await bob.click("accept")
    await Promise.all([ann.state("connected"), bob.state("connected")])
    await Promise.all([ann.receives([bob], "video"), bob.receives([ann], "video")])
    await ann.click("hang-up")
    await Promise.all([ann.ended("hangup"), bob.ended("hangup")])
  }

  it("explains that LinkedIn is not set up to a user who tries to sign in with it", async () => {
    const ann = await Person.open(windows, host.url)
    await ann.click("sign-in-linkedin")
    await ann.page.getByTestId("refusal").filter({ hasText: "npm run demo" }).waitFor()
    await leave(ann)
  })

  it("carries video both ways, and keeps the call in both histories after a crash of the host", async () => {
    const [ann, bob] = await people(2)
    await videoCall(ann, bob)
    await Promise.all([ann.historyLength(1), bob.historyLength(1)])

    await host.crash()
    host = await startHost(folder, { port: host.port, environment })
    await Promise.all([ann.isConnected(), bob.isConnected()])
    await videoCall(bob, ann)
    await Promise.all([ann.historyLength(2), bob.historyLength(2)])
    await leave(ann, bob)
  })

  it("lets a third user be invited into an audio call, and carries the audio of each user to the others", async () => {
    const [ann, bob, cat] = await people(3)
    await ann.call(bob, "audio")
    await bob.click("accept")
    await Promise.all([ann.receives([bob], "audio"), bob.receives([ann], "audio")])

    await ann.invite(cat)
    await cat.click("accept")
    await Promise.all([
      ann.receives([bob, cat], "audio"),
      bob.receives([ann, cat], "audio"),
      cat.receives([ann, bob], "audio")
    ])
    await cat.click("hang-up")
    await cat.ended("hangup")
    await ann.receives([bob], "audio")
    await ann.click("hang-up")
    await bob.click("hang-up")
    await leave(ann, bob, cat)
  })

  it("states why a call was not answered: declined, cancelled, no answer", async () => {
    const [ann, bob] = await people(2)
    await ann.call(bob, "audio")
    await bob.click("decline")
    await ann.ended("declined")

    await ann.call(bob, "audio")
    await bob.page.getByTestId("incoming").waitFor()
    await ann.click("hang-up")
    await Promise.all([ann.ended("cancelled"), bob.page.getByTestId("incoming").waitFor({ state: "detached" })])

    await ann.call(bob, "audio")
    await bob.page.getByTestId("incoming").waitFor()
    await Promise.all([ann.ended("no_answer"), bob.page.getByTestId("incoming").waitFor({ state: "detached" })])
    await leave(ann, bob)
  })

  it("ends a call that rang while the host crashed, once the host is back", async () => {
    const [ann, bob] = await people(2)
    await ann.call(bob, "audio")
    // Either may hear of it first.
    await Promise.all([bob.page.getByTestId("incoming").waitFor(), ann.page.getByTestId("hang-up").waitFor()])
    await host.crash()
    host = await startHost(folder, { port: host.port, environment })
    await ann.ended("no_answer")
    await Promise.all([ann.historyLength(1), bob.historyLength(1)])
    await leave(ann, bob)
  })
})
