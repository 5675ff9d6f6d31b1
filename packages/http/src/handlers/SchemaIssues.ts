/**
 * Describes the issues that a schema found, in the form that clients receive.
 */
import { SchemaIssue } from "effect"
import type { RequestIssue } from "../api/RequestErrors.ts"

/** The formatter quotes no input, because an input may be a secret. */
const format = SchemaIssue.makeFormatterStandardSchemaV1()

/** More issues than these would not help. */
const maxIssues = 20

const segment = (part: PropertyKey | { readonly key: PropertyKey }) => {
  const key = typeof part === "object" ? part.key : part
  return typeof key === "number" ? key : String(key)
}

/** The places and expectations; each path begins with `within`. */
export const issuesOf = (issue: SchemaIssue.Issue, ...within: ReadonlyArray<string>): ReadonlyArray<RequestIssue> =>
  format(issue).issues.slice(0, maxIssues).map(({ message, path = [] }) => ({
    path: [...within, ...path.map(segment)],
    message
  }))
