/**
 * How the tests run: from source, through the `@dchat/source` export condition.
 */
import { defineConfig } from "vitest/config"

const conditions = ["@dchat/source", "node", "import", "default"]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["packages/adapters/test/support/globalSetup.ts"]
  }
})
