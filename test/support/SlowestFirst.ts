/**
 * The order of the test files: the slow ones first, so that no slow file runs alone at the end. The rest follows in the
 * order of vitest, by their last duration or by their size.
 */
import { relative } from "node:path"
import { BaseSequencer, type TestSpecification } from "vitest/node"

/** The files that take more than ten seconds. Neighbours differ: one that waits runs beside one that computes. */
const slowest = [
  "test/end-to-end/network.test.ts",
  "test/packages.test.ts",
  "packages/adapters/test/embedded-postgres/EmbeddedPostgres.test.ts",
  "test/end-to-end/identity.test.ts",
  "packages/http/test/StripeCrash.test.ts",
  "packages/adapters/test/postgres/call/PgCalls.test.ts",
  "test/end-to-end/calls.test.ts",
  "test/bench.test.ts",
  "test/end-to-end/stripe.test.ts",
  "test/embedding.test.ts",
  "packages/adapters/test/postgres/identity/PgIdentity.test.ts",
  "test/end-to-end/subscription.test.ts",
  "packages/http/test/attacks/Linking.test.ts",
  "packages/cli/test/login.test.ts",
  "packages/http/test/StripeYear.test.ts",
  "packages/http/test/Start.test.ts",
  "packages/adapters/test/identity/IdentityRaces.test.ts",
  "packages/http/test/StripeTrouble.test.ts",
  "packages/cli/test/secrets.test.ts"
]

export class SlowestFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const places = new Map(slowest.map((path, place) => [path, place]))
    const placeOf = ({ moduleId }: TestSpecification) =>
      places.get(relative(this.ctx.config.root, moduleId).replaceAll("\\", "/")) ?? slowest.length
    // oxlint-disable-next-line unicorn/no-array-sort -- the method of vitest, which answers a new array
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => placeOf(one) - placeOf(other))
  }
}
