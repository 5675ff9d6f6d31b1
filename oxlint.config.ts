/**
 * How sources are linted. Which folder may import what is in `scripts/walls.ts`.
 */
import { defineConfig } from "oxlint"
import { walls } from "./scripts/walls.ts"

export default defineConfig({
  plugins: ["eslint", "typescript", "import", "unicorn", "oxc", "node", "vitest"],
  jsPlugins: ["eslint-plugin-regexp"],
  categories: { correctness: "error", suspicious: "error", perf: "error" },
  rules: {
    "eslint/max-lines": ["error", 300],
    "eslint/no-underscore-dangle": "off",
    "eslint/no-shadow": "off",
    "eslint/require-yield": "off",
    "eslint/no-unused-vars": ["error", {
      argsIgnorePattern: "^_",
      varsIgnorePattern: "^_",
      ignoreRestSiblings: true
    }],
    "import/no-cycle": "error",
    "regexp/no-dupe-disjunctions": ["error", { report: "all" }],
    "regexp/no-super-linear-backtracking": ["error", { report: "potential" }],
    "regexp/no-super-linear-move": ["error", { report: "potential" }],
    "typescript/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
    "typescript/no-explicit-any": "error"
  },
  overrides: [
    ...walls,
    {
      files: ["**/test/**", "test/**", "packages/domain/src/contracts/**"],
      rules: {
        "eslint/no-await-in-loop": "off",
        "unicorn/consistent-function-scoping": "off",
        "vitest/expect-expect": "off"
      }
    },
    // Rounds, and the steps of a call, follow one another.
    { files: ["bench/**"], rules: { "eslint/no-await-in-loop": "off" } },
    { files: ["**/test/**", "test/**"], rules: { "eslint/max-lines": "off" } }
  ],
  ignorePatterns: ["**/dist/**", "node_modules"]
})
