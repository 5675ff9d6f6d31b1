/**
 * Serves the folder of a page that a bundler built.
 */
import { Effect, Layer } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse, HttpStaticServer } from "effect/http"
import { HostSettings } from "./HostSettings.ts"

/** Bundlers put a hash of the content into the names of these files. */
const isHashed = (url: string) => /^\/assets\/[^?]*-[\w-]{8,}\.\w+$/.test(url)

/** At `/`, if a folder is configured. Paths that lead out of it are not found. */
export const StaticPage = Layer.unwrap(Effect.gen(function*() {
  const { webDirectory } = yield* HostSettings
  if (webDirectory === undefined) return Layer.empty
  const files = yield* HttpStaticServer.make({ root: webDirectory })
  return HttpRouter.add(
    "GET",
    "/*",
    Effect.gen(function*() {
      const { url } = yield* HttpServerRequest.HttpServerRequest
      const cached = isHashed(url) ? "public, max-age=31536000, immutable" : "no-cache"
      return HttpServerResponse.setHeader(yield* files, "cache-control", cached)
    })
  )
}))
