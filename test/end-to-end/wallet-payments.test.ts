/**
 * Paying for plans with a wallet in the page, on a real chain: paid, paid too little, taken back by a reorganisation.
 */
import { isLeftOut as hasNoNode } from "@dchat/doubles/chain"
import { chmod, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Browser, BrowserContext, Page } from "playwright-core"
import { afterAll, assert, beforeAll, describe, test } from "vitest"
import { type LocalChain, startChain } from "./support/chain.ts"
import { type Host, startHost } from "./support/host.ts"
import { isLeftOut, launchBrowser } from "./support/page.ts"
import { installPayingWallet } from "./support/payingWallet.ts"

describe.skipIf(isLeftOut || hasNoNode)("Paying with a wallet, in Chromium", { timeout: 60_000 }, () => {
  let chain: LocalChain
  let folder: string
  let host: Host
  let browser: Browser
  const opened: Array<BrowserContext> = []
  const errors: Array<string> = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dchat-wallet-"))
    await chmod(folder, 0o755)
    chain = await startChain()
    host = await startHost(folder, { environment: { EVM_CHAINS: chain.configuration } })
    browser = await launchBrowser()
  }, 120_000)

  afterAll(async () => {
    await Promise.all(opened.map((context) => context.close()))
    await browser?.close()
    await host?.stop()
    await chain?.stop()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  /** A user whose wallet has 100 USDC, at the plan screen. */
  const buyer = async (index: number) => {
    const account = chain.accounts[index] ?? assert.fail("no account")
    await chain.mintUsdc(account.address, 100_000_000n)
    const context = await browser.newContext({ reducedMotion: "reduce" })
    opened.push(context)
    const wallet = await installPayingWallet(context, chain, account)
    const page = await context.newPage()
    page.on("pageerror", (error) => errors.push(error.message))
    await page.goto(host.url)
    await press(page, "sign-in")
    await press(page, "open-plan")
    return { account, page, wallet }
  }

  const press = (page: Page, testId: string) => page.getByTestId(testId).click()
  const stage = (page: Page, wanted: string) =>
    page.locator(`[data-testid=pay-state][data-stage="${wanted}"]`).waitFor()
  const text = (page: Page, testId: string) => page.getByTestId(testId).textContent()
  const tier = (page: Page, wanted: string) => page.locator(`[data-testid=tier][data-tier="${wanted}"]`).waitFor()
  const settled = (page: Page) => page.locator("[data-testid=payment][data-state=settled]").waitFor()

  const order = async (page: Page, currency: "usdc" | "native") => {
    await press(page, "wallet-PRO")
    const asset = currency === "usdc" ? chain.usdc.toLowerCase() : "native"
    await page.getByTestId("pay-currency").selectOption(`${chain.chainId} ${asset}`)
    assert.include(await text(page, "no-exchange"), "not from an exchange")
    await press(page, "choose-currency")
    await stage(page, "waiting")
  }

  test("a plan is paid in a token: access comes with the first block, and the plan with the last", async () => {
    const { account, page, wallet } = await buyer(1)
    await order(page, "usdc")
    assert.include(await text(page, "pay-amount"), "4.99 USDC ($4.99)")
    assert.strictEqual(await text(page, "pay-chain"), "Local chain")
    assert.strictEqual(await text(page, "pay-token"), chain.usdc.toLowerCase())
    assert.strictEqual(await text(page, "pay-from"), account.address.toLowerCase())
    assert.strictEqual(await text(page, "pay-to"), chain.recipient.toLowerCase())
    assert.include(await text(page, "no-exchange"), "not from an exchange")

    wallet.rejectNext = true
    await press(page, "pay-with-wallet")
    await page.locator("[data-testid=pay-refusal][data-code=wallet_rejected]").waitFor()
    assert.strictEqual(wallet.chainId, chain.chainId)

    await press(page, "pay-with-wallet")
    await stage(page, "sent")
    await page.getByTestId("pay-state").filter({ hasText: "waits for a block" }).waitFor()
    const link = await page.getByTestId("pay-transaction").getByRole("link").getAttribute("href")
    assert.match(link ?? "", /^https:\/\/explorer\.example\/tx\/0x[0-9a-f]{64}$/u)
    await chain.mine()
    await stage(page, "provisional")
    await tier(page, "PRO")
    await chain.mine(3)
    await settled(page)
    await page.getByTestId("wallet-payment").waitFor({ state: "hidden" })
    await page.getByTestId("subscription-state").filter({ hasText: "does not renew by itself" }).waitFor()
    assert.strictEqual(await page.getByTestId("payment").getByRole("link").getAttribute("href"), link)

    await press(page, "renew-early")
    await press(page, "choose-currency")
    await page.getByTestId("currency-dialog").getByRole("alert").filter({ hasText: "for the next period from" })
      .waitFor()
    assert.deepStrictEqual(errors, [])
  })

  test("a transfer from another wallet that is too small shows its reason, and the plan can still be paid", async () => {
    const { account, page } = await buyer(2)
    await order(page, "usdc")
    await page.getByTestId("pay-another").locator("summary").click()
    const uri = await page.getByTestId("pay-uri").getAttribute("href")
    assert.strictEqual(
      uri,
      `ethereum:${chain.usdc.toLowerCase()}@${chain.chainId}/transfer?address=${chain.recipient.toLowerCase()}&uint256=4990000`
    )
    await page.getByTestId("qr").waitFor()
    const hash = await chain.transferUsdc(account, 1_000_000n)
    await chain.mine()
    await page.getByTestId("pay-hash").fill(hash)
    await page.getByRole("button", { name: "Check" }).click()
    await page.locator("[data-testid=pay-state][data-inspection=too_little]").waitFor()
    await page.getByTestId("pay-state").filter({ hasText: "less than the amount" }).waitFor()

    await press(page, "pay-with-wallet")
    await page.getByTestId("pay-state").filter({ hasText: "waits for a block" }).waitFor()
    await chain.mine(4)
    await settled(page)
    await tier(page, "PRO")
    assert.deepStrictEqual(errors, [])
  })

  test("a reorganisation takes the access back, and the payment returns with another block", async () => {
    const { page } = await buyer(3)
    await order(page, "usdc")
    await press(page, "pay-with-wallet")
    await stage(page, "sent")
    await chain.mine()
    await stage(page, "provisional")
    await tier(page, "PRO")
    const dropped = await chain.reorg(1)
    assert.lengthOf(dropped, 1)
    await stage(page, "taken-back")
    await page.getByTestId("pay-state").filter({ hasText: "Waiting again" }).waitFor()
    await tier(page, "FREE")
    await chain.sendAgain(dropped)
    await chain.mine()
    await stage(page, "provisional")
    await chain.mine(3)
    await settled(page)
    await tier(page, "PRO")
    assert.deepStrictEqual(errors, [])
  })

  test("a plan is paid in the currency of the chain, through the router", async () => {
    const { page } = await buyer(4)
    await order(page, "native")
    // 4.99 dollars at 2,500 dollars a unit.
    assert.include(await text(page, "pay-amount"), "0.001996 ETH")
    await press(page, "pay-with-wallet")
    await stage(page, "sent")
    await chain.mine(4)
    await settled(page)
    await tier(page, "PRO")
    assert.deepStrictEqual(errors, [])
  })
})
