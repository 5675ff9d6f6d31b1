/**
 * The simulated part of Stripe's API.
 */
import type { Books } from "./Books.ts"
import { routes as forTests } from "./ForTests.ts"
import type { Call, Routes } from "./Handler.ts"
import { check } from "./Parameters.ts"
import { routes as payments } from "./PaymentRoutes.ts"
import { routes as selling } from "./SellingRoutes.ts"
import { StripeRefusal } from "./StripeRefusal.ts"
import { routes as subscriptions } from "./SubscriptionRoutes.ts"

const routes: Routes = { ...selling, ...payments, ...subscriptions, ...forTests }

const compiled = Object.entries(routes).map(([route, { handle, parameters }]) => {
  const [method = "", path = ""] = route.split(" ")
  return { method, handle, parameters, pattern: new RegExp(`^${path.replace(":id", "([^/]+)")}$`) }
}).toSorted((one, other) => Number(one.pattern.source.includes("(")) - Number(other.pattern.source.includes("(")))

export const answer = (books: Books, { form, method, path }: Call): unknown => {
  for (const { handle, method: wanted, parameters, pattern } of compiled) {
    const match = wanted === method ? pattern.exec(path) : null
    if (match === null) continue
    check(form, parameters)
    return handle(books, match[1] ?? "", form)
  }
  throw new StripeRefusal(404, {
    type: "invalid_request_error",
    message: `Unrecognized request URL (${method}: /v1/${path})`
  })
}
