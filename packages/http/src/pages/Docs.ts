/**
 * The reference of the API: the OpenAPI document at `/openapi.json`, and a page of it at `/docs`, unless the installation
 * has none.
 */
import { Effect, Layer } from "effect"
import { HttpRouter, type HttpServerResponse } from "effect/http"
import { HttpApiScalar, OpenApi } from "effect/http-api"
import { documentedApi } from "../api/docs/ApiDocument.ts"
import { HostSettings, sessionCookieName } from "../config/HostSettings.ts"
import { encodedOnce } from "./EncodedOnce.ts"

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

const withStorage = ({ body }: HttpServerResponse.HttpServerResponse) =>
  body._tag === "Uint8Array"
    ? new TextDecoder().decode(body.body).replace("<head>", () => `<head>${storage}`)
    : ""

/** The page is the same for all users, so its text is made once. */
const Page = HttpRouter.middleware(Effect.sync(() => {
  let page: ReturnType<typeof encodedOnce> | undefined
  return <E, R>(app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
    Effect.flatMap(
      Effect.suspend(() => page === undefined ? Effect.map(app, withStorage) : Effect.succeed("")),
      (text) => page ??= encodedOnce(text, "text/html; charset=utf-8")
    )
}))

/** The document is made when it is asked for first. */
const Document = (api: ReturnType<typeof documentedApi>) => {
  let document: ReturnType<typeof encodedOnce> | undefined
  return HttpRouter.add(
    "GET",
    "/openapi.json",
    Effect.suspend(() => document ??= encodedOnce(JSON.stringify(OpenApi.fromApi(api)), "application/json"))
  )
}

export const Docs = Layer.unwrap(Effect.map(HostSettings, (settings) => {
  const api = documentedApi({ publicUrl: settings.publicUrl.origin, cookie: sessionCookieName(settings) })
  if (settings.docs === "off") return Document(api)
  return Layer.merge(
    Document(api),
    HttpApiScalar.layer(api, { path: "/docs", scalar: { withDefaultFonts: false } }).pipe(Layer.provide(Page.layer))
  )
}))
