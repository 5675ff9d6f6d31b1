/**
 * The browser of whoever signs the command line in: it keeps cookies, and goes where it is sent.
 */
import { Visitor } from "@dchat/doubles/linkedin"
import { Effect } from "effect"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"

const openBrowser = (origin: string) => {
  const cookies = new Map<string, string>()
  return async (path: string, body?: object) => {
    const answer = await fetch(new URL(path, origin), {
      redirect: "manual",
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(body && { "content-type": "application/json", origin })
      },
      ...(body && { method: "POST", body: JSON.stringify(body) })
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    return answer
  }
}

/** What the answers of these requests hold. */
interface Answer {
  readonly location: string
  readonly message: string
  readonly nonceId: string
  readonly url: string
}

/** Opens the page that the command line has named. */
const open = async (page: string) => {
  const { origin } = new URL(page)
  const ask = openBrowser(origin)
  const answer = await ask(page)
  const flow = /data-flow="([^"]+)"/.exec(await answer.text())?.[1]
  if (flow === undefined) throw new Error(`no page to sign in: ${answer.status}`)
  const json = async (path: string, body?: object) => await (await ask(path, body)).json() as Answer
  return { ask, flow, json }
}

/** Signs in by a wallet: where the browser is sent to then. */
export const signInByWallet = async (page: string, key = generatePrivateKey()): Promise<URL> => {
  const { flow, json } = await open(page)
  const account = privateKeyToAccount(key)
  const { message, nonceId } = await json("/auth/wallet/nonce", { address: account.address, chainId: 1 })
  const signature = await account.signMessage({ message })
  return new URL((await json("/auth/native/wallet", { flow, nonceId, signature })).location)
}

/** Signs in at the stand-in for LinkedIn. */
export const signInByLinkedIn = async (page: string, as: string): Promise<URL> => {
  const { ask, flow, json } = await open(page)
  const { url } = await json(`/auth/linkedin/auth-url?native=${flow}`)
  const { pathname, search } = await Effect.runPromise(Visitor.signIn(url, { as }))
  const answer = await ask(pathname + search)
  return new URL(answer.headers.get("location") ?? "")
}
