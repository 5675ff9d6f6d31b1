/**
 * How the tests run: from source, through the `@dchat/source` export condition.
 */
import { defineConfig } from "vitest/config"
import { SlowestFirst } from "./test/support/SlowestFirst.ts"

const conditions = ["@dchat/source", "node", "import", "default"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // Where the global setup runs.
  environments: { __vitest__: { resolve: { conditions } } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "examples/*/test/**/*.test.ts", "test/**/*.test.ts"],
    // A test waits for conditions and not for time, so only one that hangs gets here.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A worker evaluates the sources once for all of its files, which keep no state in modules.
    isolate: false,
    // On the two cores of CI: files that wait for browsers, processes and disks leave enough for a third.
    maxWorkers: 3,
    sequence: { sequencer: SlowestFirst },
    globalSetup: ["packages/adapters/test/support/globalSetup.ts"]
  }
})
