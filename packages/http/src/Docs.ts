/**
 * The reference of the API as a page at `/docs`, unless the installation has none.
 */
import { Effect, Layer } from "effect"
import { HttpBody, HttpRouter, HttpServerResponse } from "effect/http"
import { HttpApiScalar } from "effect/http-api"
import { Api } from "./api/Api.ts"
import { HostSettings } from "./HostSettings.ts"

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
  return HttpServerResponse.setBody(response, HttpBody.text(page, body.contentType))
}

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
