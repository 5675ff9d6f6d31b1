/**
 * The origin of the current request, as its user would recognise it.
 */
import { originOf } from "@dchat/domain/identity"
import { Effect } from "effect"
import { HttpServerRequest } from "effect/http"
import { clientAddress } from "../limits/ClientAddress.ts"

export const requestOrigin = Effect.gen(function*() {
  const { headers } = yield* HttpServerRequest.HttpServerRequest
  return originOf({ userAgent: headers["user-agent"], address: yield* clientAddress })
})
