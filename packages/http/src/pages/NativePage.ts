/**
 * The page on which a user signs in for a waiting application (`GET /auth/native/start`). The page is self-contained,
 * so it works whatever page an installation serves.
 */
import type { NativeFlowId } from "@dchat/domain/identity"
import { Effect } from "effect"
import { HttpRouter, HttpServerResponse } from "effect/http"

const scriptPath = "/auth/native/page.js"

/** `flowId` is of letters, digits and dashes only. */
export const nativePage = ({ flowId, linkedIn }: { readonly flowId: NativeFlowId; readonly linkedIn: boolean }) =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sign in</title>
<script type="module" src="${scriptPath}"></script>
</head>
<body data-flow="${flowId}">
<main>
<h1>Sign in</h1>
<p>An application on this machine wants to sign in as you. Continue only if you started the application.</p>
<p>
${linkedIn ? `<button type="button" data-testid="native-linkedin" id="linkedin">Sign in with LinkedIn</button>` : ""}
<button type="button" data-testid="native-wallet" id="wallet" hidden>Sign in with your wallet</button>
</p>
<p id="nothing" hidden>You cannot sign in with this browser, because the browser has no wallet.</p>
<p id="problem" role="alert" data-testid="native-problem"></p>
<noscript>This page needs JavaScript.</noscript>
</main>
</body>
</html>
`

const script = `const flow = document.body.dataset.flow
const problem = document.querySelector("#problem")
const linkedIn = document.querySelector("#linkedin")
const wallet = document.querySelector("#wallet")

const ask = async (path, body) => {
  const answer = await fetch(path, body === undefined ? {} : {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body)
  })
  const json = await answer.json()
  if (!answer.ok) throw new Error(json.title)
  return json
}

const pressed = (button, work) => button?.addEventListener("click", async () => {
  problem.textContent = ""
  button.disabled = true
  try {
    location.assign(await work())
  } catch (failure) {
    problem.textContent = failure.message
    button.disabled = false
  }
})

pressed(linkedIn, async () => (await ask("/auth/linkedin/auth-url?native=" + flow)).url)
pressed(wallet, async () => {
  const [address] = await window.ethereum.request({ method: "eth_requestAccounts" })
  const chainId = Number(await window.ethereum.request({ method: "eth_chainId" }))
  const { message, nonceId } = await ask("/auth/wallet/nonce", { address, chainId })
  const bytes = [...new TextEncoder().encode(message)].map((byte) => byte.toString(16).padStart(2, "0")).join("")
  const signature = await window.ethereum.request({ method: "personal_sign", params: ["0x" + bytes, address] })
  return (await ask("/auth/native/wallet", { flow, nonceId, signature })).location
})
wallet.hidden = window.ethereum === undefined
document.querySelector("#nothing").hidden = linkedIn !== null || !wallet.hidden
`

/** The script of the page. */
export const NativePageScript = HttpRouter.use((router) =>
  router.add("GET", scriptPath, Effect.succeed(HttpServerResponse.text(script, { contentType: "text/javascript" })))
)
