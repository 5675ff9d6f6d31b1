/**
 * The reference of the API: the OpenAPI document at `/openapi.json`, and a page of it at `/docs`, unless the installation
 * has none.
 */
import { Effect, Layer } from "effect"
import { HttpRouter, type HttpServerResponse } from "effect/http"
import { HttpApiScalar, OpenApi } from "effect/http-api"
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

const path = "/docs"

/** The description of the API with its texts. They load when a document is asked for. */
const describedApi = (settings: HostSettings["Service"]) =>
  Effect.map(
    Effect.promise(() => import("../api/docs/ApiDocument.ts")),
    ({ documentedApi }) => documentedApi({ publicUrl: settings.publicUrl.origin, cookie: sessionCookieName(settings) })
  )

/** The text of the page. Its script of three megabytes loads with it. */
const pageText = (settings: HostSettings["Service"]) =>
  describedApi(settings).pipe(
    Effect.flatMap((api) =>
      HttpRouter.toHttpEffect(HttpApiScalar.layer(api, { path, scalar: { withDefaultFonts: false } }))
    ),
    Effect.flatten,
    Effect.orDie,
    Effect.map(withStorage)
  )

const documentText = (settings: HostSettings["Service"]) =>
  Effect.map(describedApi(settings), (api) => JSON.stringify(OpenApi.fromApi(api)))

/** The text is the same for all users, so the first request makes it. */
const onceMade = <R>(text: Effect.Effect<string, never, R>, contentType: string) => {
  let made: ReturnType<typeof encodedOnce> | undefined
  return Effect.suspend(() => made ?? Effect.flatMap(text, (text) => made ??= encodedOnce(text, contentType)))
}

export const Docs = Layer.unwrap(Effect.map(HostSettings, (settings) => {
  const document = HttpRouter.add("GET", "/openapi.json", onceMade(documentText(settings), "application/json"))
  if (settings.docs === "off") return document
  return Layer.merge(document, HttpRouter.add("GET", path, onceMade(pageText(settings), "text/html; charset=utf-8")))
}))
