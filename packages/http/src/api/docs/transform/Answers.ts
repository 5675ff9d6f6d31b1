/**
 * The answers of the operations: without problems that an operation cannot have, with their header fields, and with
 * what many operations answer alike written once.
 */
import { Context } from "effect"
import { Api } from "../../Api.ts"
import { RateLimit, type RatePolicy } from "../../RateLimited.ts"
import { headerRefs, headers, sharedAnswers } from "../SharedAnswers.ts"
import {
  type JsonSchema,
  mapOperations,
  type MediaType,
  type OpenApiDocument,
  type Operation,
  type Reference,
  refTo,
  type Response,
  type Step
} from "./Document.ts"
import { codesIn, pascal } from "./ProblemSchemas.ts"

const policies = new Map(
  Object.values(Api.groups).flatMap((group) =>
    Object.values(group.endpoints).map((endpoint): readonly [string, RatePolicy | "none"] => [
      `${group.identifier}.${endpoint.identifier}`,
      Context.get(endpoint.annotations, RateLimit)
    ])
  )
)

/** The limit of an operation, unless it has none. */
export const policyOf = ({ operationId }: Operation): RatePolicy | undefined => {
  const policy = policies.get(operationId)
  return policy === "none" ? undefined : policy
}

/** The problems of an invalid body, and of a changing request from a page of another origin. */
const ofActing = ["invalid_json", "origin_not_allowed", "payload_too_large", "unsupported_media_type"]

/** A replaced token still allows reads for a while, except for reads that change something. */
const actingReads: ReadonlySet<string> = new Set(["auth.pendingMerge", "linkedin.authUrl"])

const cannotBe = (operation: Operation, method: string): ReadonlyArray<string> => [
  ...(method === "get" ? ofActing : []),
  ...(method === "get" && !actingReads.has(operation.operationId) ? ["token_replaced"] : []),
  ...(policyOf(operation) === undefined ? ["rate_limited"] : [])
]

const problemJson = "application/problem+json"

const unionOf = (codes: ReadonlyArray<string>): JsonSchema => {
  const refs = codes.map((code) => refTo(`${pascal(code)}Problem`))
  return refs.length === 1 && refs[0] !== undefined ? refs[0] : { anyOf: refs }
}

const headersOf = (status: string, operation: Operation) => ({
  ...headerRefs("X-Request-Id"),
  ...(status === "401" && headerRefs("WWW-Authenticate")),
  ...((status === "429" || status === "503") && headerRefs("Retry-After")),
  ...((status === "429" || status.startsWith("2")) && policyOf(operation) !== undefined &&
    headerRefs("RateLimit", "RateLimit-Policy"))
})

const problemResponse = (codes: ReadonlyArray<string>): Response => ({
  description: codes.map((code) => `\`${code}\``).join(", "),
  content: { [problemJson]: { schema: unionOf(codes) } }
})

const isSame = (one: ReadonlyArray<string>, other: ReadonlyArray<string>) =>
  one.length === other.length && one.every((code) => other.includes(code))

const shared = (status: string, codes: ReadonlyArray<string>): Reference | undefined => {
  const name = Object.entries(sharedAnswers).find(([, answer]) =>
    String(answer.status) === status && isSame(answer.codes, codes)
  )?.[0]
  return name === undefined ? undefined : { $ref: `#/components/responses/${name}` }
}

const answerOf = (
  document: OpenApiDocument,
  operation: Operation,
  method: string,
  [status, response]: readonly [string, Response]
): ReadonlyArray<readonly [string, Response | Reference]> => {
  const media: MediaType | undefined = response.content?.[problemJson]
  if (media === undefined) return [[status, { ...response, headers: headersOf(status, operation) }]]
  const impossible = cannotBe(operation, method)
  const codes = codesIn(document, media.schema).filter((code) => !impossible.includes(code))
  if (codes.length === 0) return []
  const inline = { ...problemResponse(codes), headers: headersOf(status, operation) }
  return [[status, shared(status, codes) ?? inline]]
}

const sharedResponses = Object.fromEntries(
  Object.entries(sharedAnswers).map(([name, { codes, description, status }]) => [name, {
    ...problemResponse(codes),
    description,
    headers: {
      ...headerRefs("X-Request-Id"),
      ...(status === 401 && headerRefs("WWW-Authenticate")),
      ...((status === 429 || status === 503) && headerRefs("Retry-After")),
      ...(status === 429 && headerRefs("RateLimit", "RateLimit-Policy"))
    }
  }])
)

export const tidyAnswers: Step = (document) => {
  const changed = mapOperations(document, (operation, method) => ({
    ...operation,
    responses: Object.fromEntries(
      Object.entries(operation.responses).flatMap(([status, response]) =>
        "$ref" in response ? [[status, response]] : answerOf(document, operation, method, [status, response])
      )
    )
  }))
  return { ...changed, components: { ...changed.components, headers, responses: sharedResponses } }
}
