import { assert, describe, it } from "@effect/vitest"
import { randomBytes } from "node:crypto"
import { join } from "node:path"
import { dchat } from "./support/CommandLine.ts"
import { failingHost, startHost, withFolder } from "./support/Processes.ts"

const newSecret = () => randomBytes(48).toString("base64url")

describe("dchat secrets forget", () => {
  it(
    "lets a host start with entirely new secrets, once the operator has confirmed",
    { timeout: 90_000 },
    () =>
      withFolder(async (folder) => {
        const environment = { DCHAT_DATA_DIR: join(folder, "data") }
        const [lost, found] = [newSecret(), newSecret()]
        assert.strictEqual(await (await startHost(folder, { DCHAT_SECRETS: lost })).stop(), 0)
        const refused = await failingHost({ ...environment, DCHAT_SECRETS: found })
        assert.strictEqual(refused.code, 1)
        assert.include(refused.stderr, "dchat secrets forget")

        const unasked = await dchat(environment, "secrets", "forget")
        assert.strictEqual(unasked.code, 1)
        assert.include(unasked.stdout, "signed in with LinkedIn again")
        assert.match(unasked.stderr, /^Nothing was deleted[^\n]*\n$/)
        assert.strictEqual((await failingHost({ ...environment, DCHAT_SECRETS: found })).code, 1)

        assert.strictEqual((await dchat(environment, "secrets", "forget", "--yes")).code, 0)
        assert.strictEqual(await (await startHost(folder, { DCHAT_SECRETS: found })).stop(), 0)
        assert.strictEqual((await failingHost({ ...environment, DCHAT_SECRETS: lost })).code, 1)
      })
  )
})
