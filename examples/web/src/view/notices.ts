/** Short messages that come and go, and the banner that says when the server is out of reach. */
import { h } from "./dom.ts"

export const noticesView = (): { element: HTMLElement; show: (words: string) => void } => {
  const element = h("div", { class: "notices", role: "status", "aria-live": "polite" })
  const show = (words: string): void => {
    if ([...element.children].some((one) => one.textContent === words)) return
    const notice = h("p", { class: "notice", "data-testid": "notice" }, words)
    element.append(notice)
    setTimeout(() => notice.remove(), 7000)
  }
  return { element, show }
}

export const bannerView = (): { element: HTMLElement; update: (up: boolean, inCall: boolean) => void } => {
  const element = h("div", { class: "banner", role: "status", hidden: true, "data-testid": "connection-banner" })
  let patience: ReturnType<typeof setTimeout> | undefined
  const update = (up: boolean, inCall: boolean): void => {
    element.textContent = inCall
      ? "The server cannot be reached. Your call continues. Reconnecting…"
      : "The server cannot be reached. Reconnecting…"
    if (up) {
      clearTimeout(patience)
      patience = undefined
      element.hidden = true
    } else patience ??= setTimeout(() => element.hidden = false, 1200)
  }
  return { element, update }
}
