import { assert, describe, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import { request } from "node:http"
import { brotliDecompressSync, gunzipSync } from "node:zlib"
import { encodingFor } from "../../src/pages/EncodedOnce.ts"
import { memoryHost, TestHost } from "../support/TestHost.ts"

describe("The encoding of an answer", () => {
  const rows: ReadonlyArray<readonly [string | undefined, ReturnType<typeof encodingFor>]> = [
    [undefined, "identity"],
    ["", "identity"],
    ["identity", "identity"],
    ["gzip", "gzip"],
    ["GZip", "gzip"],
    ["gzip, deflate, br, zstd", "br"],
    ["gzip;q=1.0, br;q=0", "gzip"],
    ["*", "br"],
    ["*;q=0", "identity"],
    ["br; q=0, *", "gzip"],
    ["gzip;q=nothing", "identity"]
  ]

  it("is the smallest one that the client accepts", () => {
    for (const [accepted, encoding] of rows) assert.strictEqual(encodingFor(accepted), encoding, accepted)
  })
})

interface Page {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly body: Buffer
}

const get = (port: number, path: string, headers: Readonly<Record<string, string>>) =>
  Effect.promise(() =>
    new Promise<Page>((resolve, reject) => {
      const host = `localhost:${port}`
      request({ host: "127.0.0.1", port, path, headers: { host, ...headers } }, (answer) => {
        const chunks: Array<Buffer> = []
        answer.on("data", (chunk: Buffer) => chunks.push(chunk)).on("end", () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks) })).on(
            "error",
            reject
          )
      }).on("error", reject).end()
    })
  )

layer(memoryHost())("The description of the API and its page", (it) => {
  for (const path of ["/openapi.json", "/docs"]) {
    it.effect(`${path} is answered in the encoding of the client, with the same content`, () =>
      Effect.gen(function*() {
        const { port } = yield* TestHost
        const plain = yield* get(port, path, {})
        const zipped = yield* get(port, path, { "accept-encoding": "gzip" })
        const small = yield* get(port, path, { "accept-encoding": "gzip, br" })
        assert.deepStrictEqual([plain, zipped, small].map(({ status }) => status), [200, 200, 200])
        assert.deepStrictEqual(
          [plain, zipped, small].map(({ headers }) => headers["content-encoding"]),
          [undefined, "gzip", "br"]
        )
        assert.isTrue(gunzipSync(zipped.body).equals(plain.body))
        assert.isTrue(brotliDecompressSync(small.body).equals(plain.body))
        assert.isBelow(small.body.length, plain.body.length / 3)
        for (const { headers } of [plain, zipped, small]) {
          assert.include(String(headers["vary"]).toLowerCase(), "accept-encoding")
          assert.strictEqual(headers["cache-control"], "public, max-age=300")
        }
      }))

    it.effect(`${path} is not sent again to a client that has it`, () =>
      Effect.gen(function*() {
        const { port } = yield* TestHost
        const accepted = { "accept-encoding": "br" }
        const { headers } = yield* get(port, path, accepted)
        const tag = String(headers["etag"])
        for (const known of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
          const again = yield* get(port, path, { ...accepted, "if-none-match": known })
          assert.deepStrictEqual([again.status, again.body.length], [304, 0], known)
          assert.strictEqual(again.headers["etag"], tag)
        }
        const other = yield* get(port, path, { ...accepted, "if-none-match": "\"other\"" })
        assert.strictEqual(other.status, 200)
        const otherEncoding = yield* get(port, path, { "if-none-match": tag })
        assert.strictEqual(otherEncoding.status, 200)
      }))
  }

  it.effect("the description names the host and its session cookie", () =>
    Effect.gen(function*() {
      const { send, url } = yield* TestHost
      const { json } = yield* send("GET", "/openapi.json")
      assert.deepStrictEqual(json.servers, [{ url }])
      assert.strictEqual(json.components.securitySchemes.session.name, "dchat_dev_session")
    }))
})
