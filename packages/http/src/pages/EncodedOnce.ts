/**
 * A text that is the same for all users: compressed once, answered in an encoding that the client takes (RFC 9110,
 * 12.5.3), and kept by caches until it changes (RFC 9111).
 */
import { Effect } from "effect"
import { HttpServerRequest, HttpServerResponse } from "effect/http"
import { createHash } from "node:crypto"
import { promisify } from "node:util"
import { brotliCompress, constants, gzip } from "node:zlib"

const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants

/** From the smallest result on. Brotli's two highest qualities take seconds for little. */
const compressions = {
  br: (bytes: Uint8Array) =>
    promisify(brotliCompress)(bytes, {
      params: { [BROTLI_PARAM_QUALITY]: 9, [BROTLI_PARAM_SIZE_HINT]: bytes.length }
    }),
  gzip: (bytes: Uint8Array) => promisify(gzip)(bytes, { level: 9 })
}

type Encoding = keyof typeof compressions | "identity"

const encodings = Object.keys(compressions) as ReadonlyArray<keyof typeof compressions>

const weightOf = (parameters: ReadonlyArray<string>) => {
  const weight = parameters.map((parameter) => parameter.trim().toLowerCase()).find((it) => it.startsWith("q="))
  return weight === undefined ? 1 : Number(weight.slice(2))
}

/** The encoding of the answer, by the header Accept-Encoding. */
export const encodingFor = (accepted: string | undefined): Encoding => {
  const weights = new Map(
    (accepted ?? "").split(",").map((item) => {
      const [name = "", ...parameters] = item.split(";")
      return [name.trim().toLowerCase(), weightOf(parameters)] as const
    })
  )
  return encodings.find((encoding) => (weights.get(encoding) ?? weights.get("*") ?? 0) > 0) ?? "identity"
}

/** Whether the client has this version already; caches may have weakened the tag. */
const isKnown = (tags: string | undefined, tag: string) =>
  tags?.split(",").some((one) => [tag, "*"].includes(one.trim().replace(/^W\//, ""))) === true

export const encodedOnce = (text: string, contentType: string) => {
  const bytes = new TextEncoder().encode(text)
  const version = createHash("sha256").update(bytes).digest("base64url").slice(0, 22)
  const bodies = new Map<Encoding, Promise<Uint8Array>>([["identity", Promise.resolve(bytes)]])

  const bodyIn = (encoding: Encoding) => {
    const known = bodies.get(encoding)
    if (known !== undefined || encoding === "identity") return known ?? Promise.resolve(bytes)
    const made = compressions[encoding](bytes)
    bodies.set(encoding, made)
    return made
  }

  return Effect.gen(function*() {
    const request = yield* HttpServerRequest.HttpServerRequest
    const encoding = encodingFor(request.headers["accept-encoding"])
    const tag = `"${version}-${encoding}"`
    const headers = { etag: tag, "cache-control": "public, max-age=300", vary: "Accept-Encoding" }
    if (isKnown(request.headers["if-none-match"], tag)) return HttpServerResponse.empty({ status: 304, headers })
    const body = yield* Effect.promise(() => bodyIn(encoding))
    return HttpServerResponse.uint8Array(body, {
      contentType,
      headers: encoding === "identity" ? headers : { ...headers, "content-encoding": encoding }
    })
  })
}
