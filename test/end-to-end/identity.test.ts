/**
 * Identity in the page: LinkedIn, wallets, sessions, and the merge of two accounts.
 */
import { afterAll, assert, beforeAll, describe, expect, it } from "@effect/vitest"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser, BrowserContext } from "playwright-core"
import { generatePrivateKey } from "viem/accounts"
import { installWallet } from "./support/browserWallet.ts"
import { type Host, startHost } from "./support/host.ts"
import { type LinkedIn, startLinkedIn } from "./support/linkedin.ts"
import { isLeftOut, launchBrowser, Person } from "./support/page.ts"

describe.skipIf(isLeftOut)("The account in the page", { timeout: 60_000 }, () => {
  let folder: string
  let linkedIn: LinkedIn
  let host: Host
  let browser: Browser
  const opened: Array<BrowserContext> = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dchat-end-to-end-"))
    await chmod(folder, 0o755)
    linkedIn = await startLinkedIn()
    host = await startHost(folder, { environment: linkedIn.environment })
    linkedIn.allowRedirect(`${host.url}/auth/linkedin/callback`)
    browser = await launchBrowser()
  }, 120_000)

  afterAll(async () => {
    await browser?.close()
    await host?.stop()
    await linkedIn?.stop()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  /** A browser with cookies of its own. */
  const newBrowser = async (): Promise<BrowserContext> => {
    const context = await browser.newContext({ permissions: ["microphone", "camera"] })
    context.setDefaultTimeout(20_000)
    opened.push(context)
    return context
  }

  /** A new user at LinkedIn. */
  const member = (name: string): string => {
    const subject = `member${Math.random().toString(36).slice(2, 10)}`
    linkedIn.addPerson({ subject, name, email: `${subject}@example.com`, emailVerified: true })
    return subject
  }

  const openAccount = (person: Person) => person.click("open-account")
  const wallets = (person: Person) => person.page.locator("[data-testid=account] [data-testid^='wallet-']")
  const refused = (person: Person, code: string) =>
    person.page.locator(`[data-testid=refusal][data-code="${code}"]`).waitFor()
  const hasName = (person: Person, name: string) =>
    person.page.getByTestId("my-name").filter({ hasText: name }).waitFor()
  const gone = (person: Person, testId: string) => person.page.getByTestId(testId).waitFor({ state: "detached" })
  const happened = (person: Person, type: string) =>
    person.page.locator(`[data-testid=activity-item][data-type="${type}"]`).first().waitFor()
  /** The id in a test id such as `wallet-<id>`. */
  const idOf = async (person: Person, prefix: string, more = ""): Promise<string> => {
    const found = person.page.locator(`[data-testid^="${prefix}"]${more}`).first()
    return (await found.getAttribute("data-testid") ?? "").slice(prefix.length)
  }

  const leave = async (...all: ReadonlyArray<Person>) => {
    for (const person of all) assert.deepStrictEqual(person.errors, [])
    for (const context of opened.splice(0)) await context.close()
  }

  it("signs in with LinkedIn, and stays signed in after a reload and in another window", async () => {
    const context = await newBrowser()
    const ann = await Person.signInAtLinkedIn(context, host.url, member("Ann Lee"))
    await hasName(ann, "Ann Lee")
    assert.deepStrictEqual(await ann.page.evaluate("sessionStorage.getItem('dchat.token')"), null)
    await ann.page.reload()
    await ann.isSignedIn()
    const second = await Person.open(context, host.url)
    await second.isSignedIn()
    assert.strictEqual(second.userId, ann.userId)

    await second.click("sign-out")
    await Promise.all([
      ann.page.getByTestId("sign-in-linkedin").waitFor(),
      second.page.getByTestId("sign-in").waitFor()
    ])
    await leave(ann, second)
  })

  it("reports once that the user cancelled at LinkedIn", async () => {
    const ann = await Person.open(await newBrowser(), host.url)
    await ann.click("sign-in-linkedin")
    await ann.click("cancel")
    await refused(ann, "linkedin_denied")
    assert.strictEqual(new URL(ann.page.url()).search, "")
    await ann.page.reload()
    await ann.page.getByTestId("sign-in-linkedin").waitFor()
    assert.strictEqual(await ann.page.getByTestId("refusal").isVisible(), false)
    await leave(ann)
  })

  it("inserts no text of the address into the document", async () => {
    const ann = await Person.open(await newBrowser(), `${host.url}/?error=%3Cimg%20src%3Dx%20id%3Devil%3E#account`)
    await ann.page.getByTestId("refusal").filter({ hasText: "Something went wrong" }).waitFor()
    assert.strictEqual(await ann.page.locator("#evil").count(), 0)
    assert.strictEqual(new URL(ann.page.url()).search, "")
    await leave(ann)
  })

  it("lets two windows of a browser sign in at once", async () => {
    const context = await newBrowser()
    const subject = member("Bo Chen")
    const [one, two] = await Promise.all([Person.open(context, host.url), Person.open(context, host.url)])
    for (const window of [one, two]) await window.click("sign-in-linkedin")
    await Promise.all([one, two].map((window) => window.page.getByTestId("cancel").waitFor()))
    await one.click(`person-${subject}`)
    await one.isSignedIn()
    // Signing in again replaces the session of the browser, and the first window goes on with the new one.
    const goesOn = one.page.waitForEvent("websocket")
    await two.click(`person-${subject}`)
    await two.isSignedIn()
    await goesOn
    await Promise.all([one.isSignedIn(), one.isConnected(), two.isConnected()])
    assert.strictEqual(one.userId, two.userId)
    await leave(one, two)
  })

  it("replaces the placeholder by a wallet, and unlinks LinkedIn while another way to sign in is left", async () => {
    const ann = await Person.signInAtLinkedIn(await newBrowser(), host.url, member("Cy Diaz"))
    await openAccount(ann)
    await ann.page.getByTestId("temporary-wallet").waitFor()
    await ann.click("unlink-linkedin")
    await refused(ann, "last_login_method")
    await happened(ann, "TemporaryWalletAssigned")

    await ann.click("link-wallet")
    await wallets(ann).waitFor()
    await gone(ann, "temporary-wallet")
    assert.strictEqual(await ann.address(), await wallets(ann).getAttribute("data-address"))
    await happened(ann, "TemporaryWalletRetired")

    await ann.click("unlink-linkedin")
    await ann.page.getByTestId("link-linkedin").waitFor()
    await happened(ann, "AccountUnlinked")
    await ann.click(`unlink-wallet-${await idOf(ann, "wallet-")}`)
    await refused(ann, "last_login_method")
    await ann.page.reload()
    await ann.page.getByTestId("link-linkedin").waitFor()
    await leave(ann)
  })

  it("links LinkedIn to a user who signed in by a key, whose window keeps its own session", async () => {
    const context = await newBrowser()
    const subject = member("Di Evans")
    const ann = await Person.signIn(context, host.url)
    await openAccount(ann)
    const before = await ann.page.evaluate("sessionStorage.getItem('dchat.token')")
    await ann.click("link-linkedin")
    await ann.click(`person-${subject}`)
    await ann.page.getByTestId("linked-linkedin").waitFor()
    await Promise.all([hasName(ann, "Di Evans"), ann.isConnected()])
    const after = await ann.page.evaluate("sessionStorage.getItem('dchat.token')")
    assert.notStrictEqual(after, before)

    await ann.page.reload()
    await ann.page.getByTestId("linked-linkedin").waitFor()
    const other = await Person.open(context, host.url)
    await other.page.getByTestId("sign-in-linkedin").waitFor()
    await leave(ann, other)
  })

  it("reads the LinkedIn profile again, and asks the user to sign in at LinkedIn when its token is revoked", async () => {
    const subject = member("Eve Falk")
    const ann = await Person.signInAtLinkedIn(await newBrowser(), host.url, subject)
    await openAccount(ann)
    linkedIn.addPerson({ subject, name: "Eve Grant", email: "eve@example.com", emailVerified: true })
    await ann.click("sync-linkedin")
    await ann.page.getByTestId("linked-linkedin").filter({ hasText: "eve@example.com" }).waitFor()
    await hasName(ann, "Eve Grant")

    linkedIn.revokeTokens(subject)
    linkedIn.addPerson({ subject, name: "Eve Hall" })
    await ann.click("sync-linkedin")
    await refused(ann, "linkedin_reauthorization_required")
    await ann.click("reauthorize-linkedin")
    await ann.click(`person-${subject}`)
    await ann.page.getByTestId("linked-linkedin").filter({ hasText: "Eve Hall" }).waitFor()
    await hasName(ann, "Eve Hall")
    await leave(ann)
  })

  it("shows a change made in another window at once", async () => {
    const context = await newBrowser()
    const ann = await Person.signInAtLinkedIn(context, host.url, member("Flo Gray"))
    const second = await Person.open(context, host.url)
    await second.isConnected()
    await second.isSignedIn()
    await openAccount(ann)
    await ann.page.getByTestId("account-name").fill("Florence")
    await ann.page.getByTestId("account-company").fill("Lamps & Sons")
    await ann.click("save-profile")
    await Promise.all([hasName(ann, "Florence"), hasName(second, "Florence")])
    await ann.page.reload()
    await expect.poll(() => ann.page.getByTestId("account-company").inputValue(), { timeout: 15_000 }).toBe(
      "Lamps & Sons"
    )
    await leave(ann, second)
  })

  it("merges two users after a round trip to a LinkedIn account that belongs to the other", async () => {
    const subject = member("Gus Hill")
    const gus = await Person.signInAtLinkedIn(await newBrowser(), host.url, subject)
    const ann = await Person.signIn(await newBrowser(), host.url)
    const { userId } = ann
    await openAccount(ann)
    await ann.click("link-linkedin")
    await ann.click(`person-${subject}`)
    await ann.click("merge-confirm")
    await ann.page.getByTestId("linked-linkedin").filter({ hasText: "Gus Hill" }).waitFor()
    await Promise.all([gone(ann, "merge-dialog"), ann.isConnected(), happened(ann, "Absorbed")])
    await gus.page.getByTestId("note").waitFor()

    await gus.click("sign-in-linkedin")
    await gus.click(`person-${subject}`)
    await gus.isSignedIn()
    assert.strictEqual(gus.userId, userId)
    await leave(ann, gus)
  })

  it("merges two users after a proof of a wallet that belongs to the other, or explains why that is refused", async () => {
    const secret = generatePrivateKey()
    const subject = member("Ida Jones")
    const [first, second] = [await newBrowser(), await newBrowser()]
    for (const context of [first, second]) await installWallet(context, secret)
    const bob = await Person.signIn(first, host.url)
    const ann = await Person.signInAtLinkedIn(second, host.url, member("Hal Ives"))
    await openAccount(bob)
    await bob.click("link-linkedin")
    await bob.click(`person-${subject}`)
    await bob.page.getByTestId("linked-linkedin").waitFor()

    await openAccount(ann)
    await ann.click("link-wallet")
    await ann.click("merge-confirm")
    await refused(ann, "merge_two_linkedin")
    await ann.click("dialog-cancel")
    await Promise.all([gone(ann, "merge-dialog"), ann.isConnected(), bob.isConnected()])

    await bob.click("unlink-linkedin")
    await bob.page.getByTestId("link-linkedin").waitFor()
    await ann.click("link-wallet")
    await ann.click("merge-confirm")
    await wallets(ann).waitFor()
    await Promise.all([hasName(ann, "Hal Ives"), bob.page.getByTestId("note").waitFor()])
    await leave(ann, bob)
  })

  it("ends the session of another browser, whose page is disconnected and says so", async () => {
    const subject = member("Jo King")
    const away = await Person.open(await newBrowser(), host.url)
    const socket = away.page.waitForEvent("websocket")
    await away.click("sign-in-linkedin")
    await away.click(`person-${subject}`)
    await away.isSignedIn()
    const closed = (await socket).waitForEvent("close")
    const here = await Person.signInAtLinkedIn(await newBrowser(), host.url, subject)
    await openAccount(here)
    await here.page.getByTestId("this-session").waitFor()
    const other = "[data-current=false]"
    await here.page.locator(`[data-testid^="session-"]${other}`).waitFor()
    await here.click(`end-session-${await idOf(here, "session-", other)}`)
    await Promise.all([closed, away.page.getByTestId("note").filter({ hasText: "ended" }).waitFor()])
    await here.page.locator(`[data-testid^="session-"]${other}`).waitFor({ state: "detached" })
    await leave(away, here)
  })

  /** As the host does ten minutes after the proof. */
  const staleOnce = (person: Person, path: string) =>
    person.page.route(
      `**${path}`,
      (route) =>
        route.fulfill({
          status: 403,
          contentType: "application/problem+json",
          body: JSON.stringify({
            code: "reauth_required",
            status: 403,
            title: "Sign in again to confirm your identity"
          })
        }),
      { times: 1 }
    )

  it("asks for another proof when the last one is old, and then does what the user asked for", async () => {
    const subject = member("Kit Long")
    const ann = await Person.signInAtLinkedIn(await newBrowser(), host.url, subject)
    await openAccount(ann)
    await staleOnce(ann, "/auth/wallet/link")
    await ann.click("link-wallet")
    await ann.click("reauth-linkedin")
    await ann.click(`person-${subject}`)
    await ann.click("go-on")
    await wallets(ann).waitFor()
    await happened(ann, "Reauthenticated")

    await staleOnce(ann, "/auth/linkedin/unlink")
    await ann.click("unlink-linkedin")
    await ann.click("reauth-wallet")
    await ann.page.getByTestId("link-linkedin").waitFor()
    await leave(ann)
  })

  it("refuses the proof of another LinkedIn account", async () => {
    const other = member("Mia Nash")
    const ann = await Person.signInAtLinkedIn(await newBrowser(), host.url, member("Lou Moss"))
    await openAccount(ann)
    await staleOnce(ann, "/auth/wallet/link")
    await ann.click("link-wallet")
    await ann.click("reauth-linkedin")
    await ann.click(`person-${other}`)
    await refused(ann, "reauth_mismatch")
    await leave(ann)
  })

  it("deletes a user after the user has typed their name", async () => {
    const subject = member("Ned Orr")
    const ann = await Person.signInAtLinkedIn(await newBrowser(), host.url, subject)
    const { userId } = ann
    await openAccount(ann)
    await ann.click("delete-account")
    assert.isTrue(await ann.page.getByTestId("delete-confirm").isDisabled())
    await ann.page.getByTestId("delete-name").fill("Ned Orr")
    await ann.click("delete-confirm")
    await ann.page.getByTestId("note").filter({ hasText: "deleted" }).waitFor()
    await ann.click("sign-in-linkedin")
    await ann.click(`person-${subject}`)
    await ann.isSignedIn()
    assert.notStrictEqual(ann.userId, userId)
    await leave(ann)
  })

  it("explains why a window with its own session cannot go to LinkedIn while the browser is signed in as another user", async () => {
    const context = await newBrowser()
    const ann = await Person.signIn(context, host.url)
    const bob = await Person.signInAtLinkedIn(context, host.url, member("Oli Pike"))
    await openAccount(ann)
    await ann.click("link-linkedin")
    await refused(ann, "ambiguous_credentials")
    await ann.page.reload()
    await ann.isSignedIn()
    assert.notStrictEqual(ann.userId, bob.userId)
    await leave(ann, bob)
  })

  it("carries a call between a user of LinkedIn and a user with a key, in windows of one browser", async () => {
    const context = await newBrowser()
    const pia = await Person.signInAtLinkedIn(context, host.url, member("Pia Quist"))
    const bob = await Person.open(context, host.url)
    await openAccount(bob)
    await bob.click("use-another-account")
    await bob.click("sign-in")
    await bob.page.getByTestId("my-address").waitFor()
    await bob.isSignedIn()
    assert.notStrictEqual(bob.userId, pia.userId)

    await bob.call(pia, "audio", "Pia Quist")
    await pia.click("accept")
    await Promise.all([bob.receives([pia], "audio"), pia.receives([bob], "audio")])
    await pia.click("hang-up")
    await Promise.all([pia.ended("hangup"), bob.ended("hangup")])
    await bob.page.reload()
    await bob.isSignedIn()
    assert.notStrictEqual(bob.userId, pia.userId)
    await leave(pia, bob)
  })
})
