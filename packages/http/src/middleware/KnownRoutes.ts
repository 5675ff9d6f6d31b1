/**
 * The paths of a host and the methods of each path, which the router does not expose.
 */
import { FindMyWay } from "effect/http"
import { Api } from "../api/Api.ts"

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]

const routes = FindMyWay.make<true>()
for (const group of Object.values(Api.groups)) {
  for (const { method, path } of Object.values(group.endpoints)) routes.on(method, path as `/${string}`, true)
}
routes.on("GET", "/api/realtime", true)
routes.on("POST", "/webhooks/stripe", true)

/** The methods that a path answers; none where there is no such path. */
export const methodsOf = (url: string): ReadonlyArray<string> =>
  methods.filter((method) => routes.find(method, url) !== undefined)

/** Pages and documents beside the API. */
const documents = new Set(["/openapi.json", "/docs", "/auth/native/page.js"])

/** Whether a host answers this path by any method. */
export const isKnownPath = (path: string): boolean => documents.has(path) || methodsOf(path).length > 0
