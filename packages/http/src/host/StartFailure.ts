/**
 * Describes in one line the reason for which the host did not start.
 */
import { Cause, Config, Predicate, Schema, SchemaIssue } from "effect"
import { SqlError } from "effect/sql"

/** The first line of the failure, with words of our own for common failures. */
export const startFailureOf = (cause: Cause.Cause<unknown>): string => {
  const failure = Cause.squash(cause)
  if (failure instanceof Config.ConfigError) return configurationFailureOf(failure)
  if (SqlError.isSqlError(failure)) return `the database reports: ${firstLineOf(failure.reason.cause ?? failure)}`
  const system = systemErrorOf(failure)
  if (system?.code === "EADDRINUSE") return `port ${system.port} is in use: set PORT to another port`
  if (system?.code === "EACCES") return `the system does not allow port ${system.port}: set PORT to a port above 1024`
  if (system?.code === "EADDRNOTAVAIL" || system?.code === "ENOTFOUND") return "HOST is not an address of this machine"
  return firstLineOf(failure)
}

const firstLineOf = (failure: unknown): string => {
  const message = Predicate.hasProperty(failure, "message") ? String(failure.message) : String(failure)
  return message.split("\n", 1)[0] || "the reason is unknown"
}

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

const nameOf = (key: PropertyKey | { readonly key: PropertyKey } | undefined): string =>
  String(Predicate.isObject(key) ? (key as { readonly key: PropertyKey }).key : key)

/** A mistake, and the member of a JSON value that has it, as in `[0].recipient`. */
const mistakeOf = ({ message, path = [] }: ReturnType<typeof issuesOf>["issues"][number]): string => {
  const member = path.slice(1).map(nameOf).map((name) => /^\d+$/.test(name) ? `[${name}]` : `.${name}`).join("")
  const text = message.charAt(0).toLowerCase() + message.slice(1)
  return member === "" ? text : `${member.replace(/^\./, "")}: ${text}`
}

/** Names the variable and the mistakes. The message does not contain the given value, which may be a secret. */
const configurationFailureOf = ({ cause }: Config.ConfigError): string => {
  const issues = Schema.isSchemaError(cause) ? issuesOf(cause.issue).issues : []
  const [first] = issues
  if (first === undefined) return "the configuration cannot be read"
  return `${nameOf(first.path?.[0])} is not valid: ${issues.map(mistakeOf).join("; ")}`
}

interface SystemError {
  readonly code: string
  readonly port?: number | undefined
}

/** The error of the operating system behind a failure. */
const systemErrorOf = (failure: unknown): SystemError | undefined => {
  for (let error = failure; Predicate.isObject(error); error = (error as { readonly cause?: unknown }).cause) {
    if (Predicate.hasProperty(error, "code") && Predicate.isString(error.code)) return error as SystemError
  }
  return undefined
}
