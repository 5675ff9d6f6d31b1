/**
 * Calls over networks that go away and come back, in a real browser.
 */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser } from "playwright-core"
import { type Host, startHost } from "./support/host.ts"
import { Networks } from "./support/network.ts"
import { isLeftOut, launchBrowser, Person } from "./support/page.ts"

/** Nearly as long as the server waits for a link that is down. */
const lossMillis = 26_000

describe.skipIf(isLeftOut)("A call", { timeout: 120_000 }, () => {
  let folder: string
  let host: Host
  let browser: Browser

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dchat-networks-"))
    await chmod(folder, 0o755)
    host = await startHost(folder)
    browser = await launchBrowser()
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  /** Two people who talk, each over a network of their own. */
  const talking = async (networks: Networks) => {
    const open = () => networks.open((options) => browser.newContext({ ...options, permissions: ["microphone"] }))
    const [annsWindow, bobsWindow] = [await open(), await open()]
    const ann = await Person.signIn(annsWindow.context, host.url)
    const bob = await Person.signIn(bobsWindow.context, host.url)
    await ann.call(bob, "audio")
    await bob.click("accept")
    await Promise.all([ann.receives([bob], "audio"), bob.receives([ann], "audio")])
    return { ann, annsWindow, bob, bobsWindow }
  }

  it.concurrent.each(["caller", "callee"])(
    "continues after the network of the %s was down for 26 seconds",
    async (who) => {
      const networks = new Networks()
      try {
        const { ann, annsWindow, bob, bobsWindow } = await talking(networks)
        const away = who === "caller" ? annsWindow : bobsWindow
        away.cut()
        await Promise.all([ann.state("reconnecting"), bob.state("reconnecting")])
        await new Promise((done) => setTimeout(done, lossMillis))
        away.heal()
        await Promise.all([ann.state("connected"), bob.state("connected")])
        await Promise.all([ann.receives([bob], "audio"), bob.receives([ann], "audio")])
        await Promise.all([ann.hearsThatLinkIsMended(), bob.hearsThatLinkIsMended()])
        assert.deepStrictEqual([ann.errors, bob.errors], [[], []])
      } finally {
        await networks.close()
      }
    }
  )
})
