/**
 * The description of the API at `/openapi.json`, and as a page at `/docs`, unless the installation has none.
 */
import { Effect, Layer } from "effect"
import { HttpBody, HttpRouter, HttpServerResponse } from "effect/http"
import { HttpApiScalar, OpenApi } from "effect/http-api"
import { Api } from "../api/Api.ts"
import { HostSettings } from "../config/HostSettings.ts"

/**
 * The page is sandboxed (`SecurityHeaders.ts`) and has no storage, which its script insists on. This one forgets
 * everything with the page.
 */
const storage = `<script>
for (const name of ["localStorage", "sessionStorage"]) {
  const items = new Map()
  const value = {
    get length() { return items.size },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (key) => items.get(String(key)) ?? null,
    setItem: (key, item) => void items.set(String(key), String(item)),
    removeItem: (key) => void items.delete(String(key)),
    clear: () => items.clear()
  }
  Object.defineProperty(window, name, { value })
}
</script>`

const withStorage = (response: HttpServerResponse.HttpServerResponse) => {
  const { body } = response
  if (body._tag !== "Uint8Array") return response
  const page = new TextDecoder().decode(body.body).replace("<head>", () => `<head>${storage}`)
  // Bytes, and no text: all answers share them.
  return HttpServerResponse.setBody(response, HttpBody.uint8Array(new TextEncoder().encode(page), body.contentType))
}

/** The description of the API (OpenAPI), of which all answers share the bytes. */
export const Description = HttpRouter.use((router) =>
  Effect.suspend(() => {
    const bytes = new TextEncoder().encode(JSON.stringify(OpenApi.fromApi(Api)))
    const answer = HttpServerResponse.uint8Array(bytes, { contentType: "application/json" })
    return router.add("GET", "/openapi.json", Effect.succeed(answer))
  })
)

/** The page is the same for everybody, so that its text is made once. */
const Storage = HttpRouter.middleware(Effect.sync(() => {
  let page: HttpServerResponse.HttpServerResponse | undefined
  return <E, R>(app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
    Effect.map(app, (response) => page ??= withStorage(response))
}))

export const Docs = Layer.unwrap(Effect.map(HostSettings, ({ docs }) =>
  docs === "off"
    ? Layer.empty
    : HttpApiScalar.layer(Api, { path: "/docs", scalar: { withDefaultFonts: false } }).pipe(
      Layer.provide(Storage.layer)
    )))
