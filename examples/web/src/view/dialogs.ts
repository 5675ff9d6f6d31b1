/** A question that has to be answered first. One at a time, above the page and below a call that comes in. */
import { h } from "./dom.ts"

export interface Dialog {
  readonly testId: string
  readonly title: string
  readonly content: ReadonlyArray<Node>
}

export interface Dialogs {
  readonly element: HTMLElement
  readonly isOpen: boolean
  readonly open: (dialog: Dialog) => void
  readonly close: () => void
}

/** `changed` is told when one opens or closes. */
export const dialogsView = (changed: () => void): Dialogs => {
  const element = h("div", {
    class: "veil ask",
    hidden: true,
    onkeydown: (event) => {
      if ((event as KeyboardEvent).key === "Escape") close()
    }
  })
  let before: Element | null = null
  const open = ({ content, testId, title }: Dialog): void => {
    if (element.hidden) before = document.activeElement
    const heading = h("h2", { id: "dialog-title", tabindex: -1 }, title)
    const sheet = { class: "sheet", role: "dialog", "aria-modal": "true", "aria-labelledby": "dialog-title" }
    element.replaceChildren(h("section", { ...sheet, "data-testid": testId }, heading, ...content))
    element.hidden = false
    changed()
    ;(element.querySelector<HTMLElement>("input") ?? heading).focus()
  }
  const close = (): void => {
    if (element.hidden) return
    element.hidden = true
    element.replaceChildren()
    changed()
    const testId = before?.getAttribute("data-testid")
    if (testId != null) document.querySelector<HTMLElement>(`[data-testid="${CSS.escape(testId)}"]`)?.focus()
  }
  return {
    element,
    get isOpen() {
      return !element.hidden
    },
    open,
    close
  }
}

export const dialogButton = (testId: string, style: string, label: string, press: () => void): HTMLButtonElement =>
  h("button", { type: "button", class: `${style} wide`, "data-testid": testId, onclick: press }, label)

/** A place for why it did not work, and `attempt`, which fills it. */
export const dialogProblem = (
  words: (problem: unknown) => string
): { readonly element: HTMLElement; readonly attempt: (what: () => Promise<void>) => void } => {
  const element = h("p", { class: "problem", role: "alert", hidden: true, "data-testid": "refusal" })
  let busy = false
  const attempt = (what: () => Promise<void>): void => {
    if (busy) return
    busy = true
    element.hidden = true
    what().catch((problem: unknown) => {
      element.textContent = words(problem)
      element.dataset["code"] = (problem as { code?: string }).code ?? "unknown"
      element.hidden = false
    }).finally(() => busy = false)
  }
  return { element, attempt }
}
