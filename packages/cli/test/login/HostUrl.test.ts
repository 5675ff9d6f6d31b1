import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { HostUrl } from "../../src/login/HostUrl.ts"

const decode = Schema.decodeUnknownOption(HostUrl)

describe("HostUrl", () => {
  it.each([
    ["https://dchat.example", "https://dchat.example"],
    ["https://DCHAT.example:443/", "https://dchat.example"],
    ["http://localhost:3000", "http://localhost:3000"],
    ["http://127.0.0.1:3000/", "http://127.0.0.1:3000"],
    ["http://[::1]:3000", "http://[::1]:3000"]
  ])("reads %s as %s", (text, origin) => {
    assert.deepInclude(decode(text), { value: origin })
    assert.strictEqual(Schema.encodeSync(HostUrl)(origin), origin)
  })

  it.each([
    "http://dchat.example",
    "http://localhost.example",
    "http://127.0.0.1@dchat.example",
    "https://dchat.example/path",
    "https://dchat.example?query",
    "https://dchat.example/#fragment",
    "https://ann:password@dchat.example",
    "ftp://localhost",
    "dchat.example",
    ""
  ])("refuses %s", (text) => {
    assert.deepInclude(decode(text), { _tag: "None" })
  })
})
