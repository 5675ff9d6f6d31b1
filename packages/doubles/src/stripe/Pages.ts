/**
 * The pages of the simulated Stripe: payment pages, and a page that moves the clock forward.
 */
import type { Books } from "./Books.ts"
import { cardOf } from "./Cards.ts"
import type * as Documents from "./Documents.ts"
import { itemOf } from "./SubscriptionItem.ts"

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("\"", "&quot;")

export const page = (title: string, body: string): string =>
  `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; color: #1a1f36; background: #f6f9fc }
main { background: #fff; border: 1px solid #e3e8ee; border-radius: 8px; padding: 1.5rem }
button { font: inherit; padding: .5rem 1rem; border: 0; border-radius: 6px; background: #0055de; color: #fff; cursor: pointer; margin: .25rem .25rem .25rem 0 }
button.plain { background: #e3e8ee; color: #1a1f36 }
label { display: block; margin: .25rem 0 }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid #e3e8ee }
.error { color: #b3093c } .note { color: #5e6478; font-size: .9rem }
</style></head><body><p class="note">A simulation. No money moves.</p><main><h1>${
    escaped(title)
  }</h1>${body}</main></body></html>`

const moneyOf = (amount: number, currency: string): string =>
  new Intl.NumberFormat("en", { style: "currency", currency: currency.toUpperCase() }).format(amount / 100)

const timeOf = (seconds: number): string => new Date(seconds * 1000).toISOString().replace("T", " ").slice(0, 16)

const cards = `<fieldset><legend>Card</legend>
<label><input type="radio" name="card" value="works" checked> 4242 4242 4242 4242, works</label>
<label><input type="radio" name="card" value="later"> 4000 0000 0000 0341, works now and is declined from then on</label>
<label><input type="radio" name="card" value="declined"> 4000 0000 0000 0002, is declined</label></fieldset>`

const declined = `<p class="error" role="alert">Your card was declined.</p>`

export const checkoutPage = (
  { amount_total, cancel_url, currency, id, mode }: Documents.Session,
  isDeclined: boolean
) =>
  page(
    "Checkout",
    `<p>${moneyOf(amount_total, currency)} ${mode === "subscription" ? "for each period" : "once"}</p>
${isDeclined ? declined : ""}<form method="post" action="/checkout/${id}">${cards}<button>Pay</button></form>
<p><a href="${escaped(cancel_url ?? "/")}">Back without paying</a></p>`
  )

export const closedPage = (): string => page("Checkout", "<p>This page is closed.</p>")

export const invoicePage = ({ amount_due, currency, id, status }: Documents.Invoice, isDeclined: boolean): string =>
  page(
    `Invoice ${id}`,
    `<p>${moneyOf(amount_due, currency)}, ${status}</p>${isDeclined ? declined : ""}` +
      (status === "open" ? `<form method="post" action="/invoices/${id}">${cards}<button>Pay</button></form>` : "")
  )

export const receiptPage = ({ amount, amount_refunded, created, currency, id }: Documents.Charge): string =>
  page(
    `Receipt ${id}`,
    `<p>${moneyOf(amount, currency)}, paid on ${timeOf(created)} UTC</p>` +
      (amount_refunded > 0 ? `<p>${moneyOf(amount_refunded, currency)} were given back.</p>` : "")
  )

const button = (action: string, label: string, fields: Record<string, string> = {}, isPlain = true): string =>
  `<form method="post" action="${action}" style="display:inline">${
    Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`)
      .join("")
  }<button${isPlain ? " class=\"plain\"" : ""}>${escaped(label)}</button></form>`

export const portalPage = (books: Books, { customer, id, return_url }: Documents.Portal): string => {
  const subscriptions = books.subscriptions.list((it) => it.customer === customer && it.status !== "canceled")
  const invoices = books.invoices.list((it) => it.customer === customer)
  return page(
    "Billing",
    subscriptions.map((it) =>
      `<p>Subscription ${it.id}: ${it.status}${it.cancel_at === null ? "" : `, ends ${timeOf(it.cancel_at)} UTC`}</p>` +
      (it.cancel_at === null
        ? button(`/portal/${id}`, "Cancel at the end of the period", { action: "cancel", subscription: it.id })
        : button(`/portal/${id}`, "Undo the cancellation", { action: "keep", subscription: it.id }))
    ).join("") +
      `<h2>Card</h2>${button(`/portal/${id}`, "Use a card that works", { action: "card", card: "works" })}` +
      button(`/portal/${id}`, "Use a card that is declined", { action: "card", card: "declined" }) +
      `<h2>Invoices</h2><ul>${
        invoices.map((it) =>
          `<li><a href="${it.hosted_invoice_url ?? "#"}">${moneyOf(it.total, it.currency)}, ${
            timeOf(it.created)
          }, ${it.status}</a></li>`
        ).join("")
      }</ul><p><a href="${escaped(return_url)}">Back</a></p>`
  )
}

/** `more`: the controls of another simulation. */
export const controlPage = (books: Books, more = ""): string => {
  const rows = books.subscriptions.list().map((it) => {
    const card = cardOf(books, it) ?? "none"
    const other = card === "works" ? "declined" : "works"
    return `<tr><td>${it.id}</td><td>${it.status}${it.cancel_at === null ? "" : ", ending"}</td>
<td>${timeOf(itemOf(it).current_period_end)}</td>
<td>${card} ${button("/_control/card", `make it ${other}`, { customer: it.customer, card: other })}</td></tr>`
  })
  return page(
    "Clock",
    `<p id="now">It is ${timeOf(books.time)} UTC, here and at every host beside it.</p>
${button("/_control/advance", "Move one day forward", { days: "1" }, false)}${
      button("/_control/advance", "Move one week forward", { days: "7" }, false)
    }
${button("/_control/advance", "Move one month forward", { days: "31" }, false)}${
      button("/_control/advance", "Move one year forward", { days: "366" }, false)
    }
<h2>Subscriptions</h2><table><tr><th>Subscription</th><th>State</th><th>Period end</th><th>Card</th></tr>${
      rows.join("")
    }</table>${more}`
  )
}
