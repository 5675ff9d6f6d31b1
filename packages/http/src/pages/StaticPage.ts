/**
 * Serves the folder of a page that a bundler built.
 */
import { Effect, FileSystem, Layer, Option, Path } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse, HttpStaticServer } from "effect/http"
import { NotFound } from "../api/RequestErrors.ts"
import { HostSettings } from "../config/HostSettings.ts"
import { problemResponse } from "../middleware/ProblemResponse.ts"

/** The path of a URL as users read it, if its percent-encoding is sound. */
const pathOf = (url: string): string | undefined => {
  try {
    return decodeURIComponent(url.split("?", 1)[0] ?? "")
  } catch {
    return undefined
  }
}

/** Bundlers put a hash of at least 8 characters between the last dash and the extension of these files. */
export const isHashed = (path: string): boolean => {
  if (!path.startsWith("/assets/")) return false
  const name = path.slice(path.lastIndexOf("/") + 1)
  const dot = name.lastIndexOf(".")
  const dash = name.lastIndexOf("-", dot - 9)
  return dash !== -1 && dot > dash + 8 && /^[\w-]+$/.test(name.slice(dash, dot)) && /^\w+$/.test(name.slice(dot + 1))
}

/** Names that begin with a dot are for machines (`.env`, `.git`), but for the one that RFC 8615 publishes. */
const isHidden = (path: string): boolean =>
  path.split(/[\\/]/).some((name) => name.startsWith(".") && name !== ".well-known")

/** At `/`, if a folder is configured. Hidden files, and paths and links that lead to them or out of it, are not found. */
export const StaticPage = Layer.unwrap(Effect.gen(function*() {
  const { webDirectory } = yield* HostSettings
  if (webDirectory === undefined) return Layer.empty
  const fs = yield* FileSystem.FileSystem
  const { join, sep } = yield* Path.Path
  const files = yield* HttpStaticServer.make({ root: webDirectory })

  /** The file to which the links of a path lead, if the file exists. */
  const target = (path: string) => Effect.option(fs.realPath(join(webDirectory, path)))

  const isInside = Effect.fnUntraced(function*(path: string) {
    const root = yield* target("")
    const file = yield* target(path)
    if (Option.isNone(root) || Option.isNone(file)) return false
    const { value: real } = file
    return real === root.value || (real.startsWith(root.value + sep) && !isHidden(real.slice(root.value.length)))
  })

  /** The page of a folder may be a link as well. */
  const isServed = Effect.fnUntraced(function*(path: string | undefined) {
    if (path === undefined || path.includes("\0") || isHidden(path)) return false
    return (yield* isInside(path)) && (!path.endsWith("/") || (yield* isInside(`${path}index.html`)))
  })

  return HttpRouter.add(
    "GET",
    "/*",
    Effect.gen(function*() {
      const { url } = yield* HttpServerRequest.HttpServerRequest
      const path = pathOf(url)
      if (!(yield* isServed(path))) return yield* problemResponse(new NotFound())
      const cached = isHashed(path ?? "") ? "public, max-age=31536000, immutable" : "no-cache"
      return HttpServerResponse.setHeader(yield* files, "cache-control", cached)
    })
  )
}))
