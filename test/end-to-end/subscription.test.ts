/**
 * A newcomer in front of the demo: buys, is declined, changes, cancels, thinks better of it, and lets months pass.
 */
import { isLeftOut as hasNoNode } from "@dchat/doubles/chain"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser, Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, test } from "vitest"
import { type Host, startHost } from "./support/host.ts"
import { launchBrowser } from "./support/page.ts"

let folder: string
let host: Host
let browser: Browser

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dchat-demo-"))
  await chmod(folder, 0o755)
  host = await startHost(folder, {
    script: "scripts/demo.mjs",
    environment: { DCHAT_DEMO_STRIPE_PORT: "0", DCHAT_DEMO_CHAIN_PORT: "0" }
  })
  browser = await launchBrowser()
}, 120_000)

afterAll(async () => {
  await browser.close()
  await host.stop()
  await rm(folder, { recursive: true, force: true })
})

const control = (): string => /are at (http:\/\/127\.0\.0\.1:\d+)/.exec(host.output())?.[1] ?? ""

/** The text of the user's plan, once the text matches the expectation. */
const says = async (page: Page, testId: string, words: RegExp): Promise<void> => {
  await page.getByTestId(testId).filter({ hasText: words }).first().waitFor()
}

const press = (page: Page, testId: string) => page.getByTestId(testId).click()

const payBy = async (page: Page, card: "works" | "later" | "declined") => {
  await page.check(`input[value=${card}]`)
  await page.getByRole("button", { name: "Pay" }).click()
}

describe("The plan, in Chromium", () => {
  test("is bought, changed, cancelled, resumed, renewed, past due and paid", async () => {
    const context = await browser.newContext({ reducedMotion: "reduce" })
    const page = await context.newPage()
    const errors: Array<string> = []
    page.on("pageerror", (error) => errors.push(error.message))
    const clock = await context.newPage()
    await clock.goto(control())
    const forward = async (...steps: ReadonlyArray<"month" | "week" | "day">) => {
      for (const step of steps) {
        await clock.getByRole("button", { name: `Move one ${step} forward` }).click()
        await clock.locator("#now").waitFor()
      }
      await page.reload()
      await page.getByTestId("summary").waitFor()
    }

    await page.goto(host.url)
    await press(page, "sign-in-throw-away")
    await press(page, "open-plan")
    await says(page, "subscription-state", /There is nothing to pay/)
    assert.strictEqual(await page.locator(".plan").count(), 3)

    await press(page, "subscribe-PRO")
    await payBy(page, "declined")
    await page.getByRole("alert").filter({ hasText: "declined" }).waitFor()
    await page.getByRole("link", { name: "Back without paying" }).click()
    await says(page, "subscription-state", /waits for your payment/)
    await press(page, "pay")
    await payBy(page, "works")
    await says(page, "subscription-state", /The plan renews on .* for \$4\.99/)
    await says(page, "tier", /Pro/)

    await press(page, "refund")
    await says(page, "refund-words", /You get back \$4\.99/)
    await press(page, "dialog-cancel")

    await press(page, "change-ENTERPRISE")
    await says(page, "change-words", /You pay \$1\d\.\d\d now/)
    await press(page, "confirm-change")
    await says(page, "tier", /Enterprise/)
    await press(page, "change-PRO")
    await says(page, "change-words", /You pay nothing now/)
    await press(page, "confirm-change")
    await says(page, "subscription-state", /as Pro, paid monthly/)
    await press(page, "undo-change")
    await says(page, "subscription-state", /for \$19\.99/)

    await press(page, "cancel")
    await press(page, "cancel-at-end")
    await says(page, "subscription-state", /The plan ends on/)
    await press(page, "undo-cancel")
    await says(page, "subscription-state", /The plan renews on/)

    await press(page, "portal")
    await page.getByRole("button", { name: "Cancel at the end of the period" }).click()
    await page.getByRole("button", { name: "Use a card that is declined" }).click()
    await page.getByRole("button", { name: "Undo the cancellation" }).click()
    await page.getByRole("link", { name: "Back" }).click()
    await press(page, "open-plan")
    await says(page, "subscription-state", /The plan renews on/)

    await forward("month", "day")
    await says(page, "subscription-state", /The last payment failed/)
    await says(page, "subscription-state", /Pay by .* to keep the plan/)
    await press(page, "pay-invoice")
    await payBy(page, "works")
    await page.goto(`${host.url}/#plan`)
    await says(page, "subscription-state", /The plan renews on/)
    await forward("week", "week", "week", "week", "day", "day")
    await page.locator("[data-testid=payment][data-state=settled]").nth(3).waitFor()

    await press(page, "cancel")
    await press(page, "cancel-now")
    await says(page, "tier", /Free/)
    await says(page, "subscription-state", /The plan ended on/)
    assert.isAbove(await page.getByRole("link", { name: "Receipt" }).count(), 3)
    await page.setViewportSize({ width: 360, height: 740 })
    assert.isAtMost(await page.evaluate<number>("document.documentElement.scrollWidth"), 360)
    await press(page, "renew")
    await page.getByRole("heading", { name: "Checkout" }).waitFor()
    await payBy(page, "works")
    await says(page, "tier", /Enterprise/)

    await press(page, "period-nft")
    await says(page, "plan-ENTERPRISE", /Your subscription then ends with its paid period/)
    await press(page, "subscribe-ENTERPRISE")
    await payBy(page, "works")
    await says(page, "summary", /You have a lifetime membership of Enterprise/)
    await says(page, "subscription-state", /The plan ends on/)
    await press(page, "cancel")
    await press(page, "cancel-now")
    await says(page, "subscription-state", /The plan ended on/)
    assert.deepStrictEqual(errors, [])
  }, 240_000)

  test.skipIf(hasNoNode)(
    "is paid by the wallet of the demo, survives a reorganisation, and gives way to a token",
    async () => {
      const context = await browser.newContext({ reducedMotion: "reduce" })
      const page = await context.newPage()
      const errors: Array<string> = []
      page.on("pageerror", (error) => errors.push(error.message))
      const chain = await context.newPage()
      await chain.goto(control())
      const act = async (...names: ReadonlyArray<string>) => {
        for (const name of names) {
          await chain.getByRole("button", { name }).click()
          await chain.locator("#chain").waitFor()
        }
      }
      const stage = (wanted: string) => page.locator(`[data-testid=pay-state][data-stage="${wanted}"]`).waitFor()

      await page.goto(host.url)
      await press(page, "sign-in")
      await press(page, "demo-account-2")
      await press(page, "demo-confirm")
      await says(page, "demo-wallet", /wants you to sign in/)
      await press(page, "demo-confirm")
      await press(page, "open-plan")
      await press(page, "wallet-PRO")
      await page.getByTestId("pay-currency").selectOption({ label: "USDC on Demo chain" })
      await press(page, "choose-currency")
      await press(page, "pay-with-wallet")
      await says(page, "demo-wallet", /Switch to Demo chain/)
      await press(page, "demo-reject")
      await says(page, "pay-refusal", /You rejected the request/)

      await act("Stop making blocks")
      await press(page, "pay-with-wallet")
      await press(page, "demo-confirm")
      await says(page, "demo-wallet", /Send 4\.99 test USDC/)
      await press(page, "demo-confirm")
      await stage("sent")
      await act("Make one block", "Make one block")
      await stage("provisional")
      await act("Replace 20 blocks")
      await stage("taken-back")
      await says(page, "tier", /Free/)
      await act("Include them again", "Make ten blocks")
      await says(page, "subscription-state", /does not renew by itself/)
      const explorer = await page.getByTestId("payment").getByRole("link").getAttribute("href")
      await chain.goto(explorer ?? "")
      await chain.getByText("success").waitFor()

      await page.getByTestId("token").locator("summary").click()
      await page.getByTestId("token-contract").fill(`0x${"11".repeat(20)}`)
      await page.getByTestId("token-id").fill("1")
      await press(page, "claim-token")
      await says(page, "refusal", /gives no membership to you/)

      await chain.goto(control())
      await chain.getByLabel("Owner").selectOption({ label: "account 2" })
      await act("Give a new token", "Make ten blocks")
      await says(page, "summary", /You have a lifetime membership of Enterprise/)
      assert.deepStrictEqual(errors, [])
    },
    120_000
  )
})
