/**
 * A person in front of the page, in a window of a real Chromium with fake microphone and camera.
 */
import { existsSync } from "node:fs"
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core"

/** The browsers of Debian. The headless shell draws no window, and needs a quarter less CPU time. */
const browsers = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"]

const program = process.env["CHROMIUM"] ?? browsers.find((path) => existsSync(path))

/** Where there is no browser, suites that need it are left out, unless the run has to be complete. */
export const isLeftOut = process.env["DCHAT_REQUIRE"] !== "all" && !(program !== undefined && existsSync(program))

export const launchBrowser = async (): Promise<Browser> => {
  if (program === undefined) throw new Error("no Chromium is installed; CHROMIUM names one elsewhere")
  return await chromium.launch({
    executablePath: program,
    args: [
      "--no-sandbox",
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      "--auto-select-desktop-capture-source=Entire screen",
      "--autoplay-policy=no-user-gesture-required",
      "--disable-features=WebRtcHideLocalIpsWithMdns",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run"
    ]
  })
}

/** The data that one peer connection has received so far. */
interface Received {
  readonly audio: { readonly bytes: number }
  readonly video: { readonly bytes: number; readonly frames: number }
}

export class Person {
  readonly page: Page
  /** Everything the page reported as an error. */
  readonly errors: ReadonlyArray<string>
  #userId = ""

  /** The events of calls that the page was told of. */
  readonly #heard: Array<string> = []

  private constructor(page: Page, errors: ReadonlyArray<string>) {
    this.page = page
    this.errors = errors
    page.on("websocket", (socket) => {
      socket.on("framereceived", ({ payload }) => {
        const { event, type } = JSON.parse(payload.toString()) as { type: string; event?: { type: string } }
        if (type === "call.event" && event !== undefined) this.#heard.push(event.type)
      })
    })
  }

  /** Opens a window and does nothing in it yet. */
  static async open(context: BrowserContext, url: string): Promise<Person> {
    const page = await context.newPage()
    // Most of the work of a busy page is to draw animations that no test looks at.
    await page.emulateMedia({ reducedMotion: "reduce" })
    const errors: Array<string> = []
    page.on("pageerror", (error) => errors.push(error.message))
    const person = new Person(page, errors)
    await page.goto(url)
    return person
  }

  /** Opens a window and signs in with a key made in it. */
  static async signIn(context: BrowserContext, url: string): Promise<Person> {
    const person = await Person.open(context, url)
    await person.click("sign-in")
    await person.page.getByTestId("my-address").waitFor()
    await person.isSignedIn()
    return person
  }

  /** Opens a window and signs in as somebody whom the stand-in for LinkedIn knows. */
  static async signInAtLinkedIn(context: BrowserContext, url: string, subject: string): Promise<Person> {
    const person = await Person.open(context, url)
    await person.click("sign-in-linkedin")
    await person.click(`person-${subject}`)
    await person.isSignedIn()
    return person
  }

  get userId(): string {
    return this.#userId
  }

  async isSignedIn(): Promise<void> {
    this.#userId = await this.page.locator("[data-testid=my-name][data-user-id]").getAttribute("data-user-id") ?? ""
  }

  /** Finds somebody, by their wallet address unless another search is given. */
  async find(other: Person, query?: string): Promise<void> {
    await this.page.getByTestId("search").fill(query ?? await other.address())
    await this.page.getByTestId(`user-${other.userId}`).waitFor()
  }

  async address(): Promise<string> {
    return await this.page.getByTestId("my-address").getAttribute("data-address") ?? ""
  }

  async call(other: Person, type: "audio" | "video", query?: string): Promise<void> {
    await this.find(other, query)
    await this.page.getByTestId(`call-${type}-${other.userId}`).click()
  }

  /** Brings somebody into the call that goes on. */
  async invite(other: Person): Promise<void> {
    await this.click("invite")
    await this.page.getByTestId("invite-search").fill(await other.address())
    await this.click(`invite-${other.userId}`)
  }

  /** Waits until the page is connected to the host again. */
  async isConnected(): Promise<void> {
    await this.page.getByTestId("connection-banner").waitFor({ state: "hidden", timeout: 30_000 })
  }

  async click(testId: string): Promise<void> {
    await this.page.getByTestId(testId).click()
  }

  /** Waits until media of everybody named has come in, and more keeps coming. */
  async receives(peers: ReadonlyArray<Person>, media: "audio" | "video"): Promise<void> {
    for (const peer of peers) {
      const before = await this.until(peer, (received) => hasArrived(received, media))
      await this.until(peer, (received) => received.audio.bytes > before.audio.bytes)
    }
  }

  async state(state: string): Promise<void> {
    await this.page.locator(`[data-testid=call-state][data-state="${state}"]`).waitFor()
  }

  /** Waits until the server has told that media got through no more, and then that it does again. */
  async hearsThatLinkIsMended(): Promise<void> {
    const deadline = Date.now() + 20_000
    while (this.#heard.lastIndexOf("LinkUp") <= this.#heard.indexOf("LinkDown") || !this.#heard.includes("LinkDown")) {
      if (Date.now() > deadline) throw new Error(`heard of ${this.#heard.join(", ")}`)
      await this.page.waitForTimeout(100)
    }
  }

  /** Waits until the page says that the call ended for this reason. */
  async ended(reason: string): Promise<void> {
    await this.page.locator(`[data-testid=ended-reason][data-reason="${reason}"]`).waitFor({ timeout: 45_000 })
  }

  async historyLength(length: number): Promise<void> {
    await this.page.getByTestId("history-item").nth(length - 1).waitFor()
  }

  private async until(peer: Person, condition: (received: Received) => boolean): Promise<Received> {
    const deadline = Date.now() + 20_000
    for (;;) {
      const stats = await this.page.evaluate<Record<string, Received>>("globalThis.dchat.stats()")
      const received = stats[peer.userId]
      if (received !== undefined && condition(received)) return received
      if (Date.now() > deadline) throw new Error(`received too little: ${JSON.stringify(stats)}`)
      await this.page.waitForTimeout(100)
    }
  }
}

const hasArrived = ({ audio, video }: Received, media: "audio" | "video"): boolean =>
  audio.bytes > 0 && (media === "audio" || (video.bytes > 0 && video.frames > 0))
