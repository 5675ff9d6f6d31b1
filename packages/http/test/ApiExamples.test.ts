import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { apiDocument } from "../src/api/docs/ApiDocument.ts"
import type { Operation, Parameter, Response } from "../src/api/docs/transform/Document.ts"
import { codesIn } from "../src/api/docs/transform/ProblemSchemas.ts"
import { memoryHost, TestHost } from "./support/TestHost.ts"

const document = apiDocument()

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation }))
)

const exampleOf = ({ examples, schema }: Parameter) => String(examples?.["example"]?.value ?? schema.enum?.[0])

const urlOf = (path: string, { parameters }: Operation) => {
  const inPath = parameters.filter((parameter) => parameter.in === "path")
  const inQuery = parameters.filter((parameter) => parameter.in === "query" && parameter.required)
  const query = new URLSearchParams(
    Object.fromEntries(inQuery.map((parameter) => [parameter.name, exampleOf(parameter)]))
  )
  return inPath.reduce((url, parameter) => url.replace(`{${parameter.name}}`, exampleOf(parameter)), path) +
    (query.size === 0 ? "" : `?${query}`)
}

const bodyOf = ({ requestBody }: Operation) =>
  Object.values(requestBody?.content ?? {})[0]?.examples?.["example"]?.value

const declared = ({ responses }: Operation, status: number): Response | undefined => {
  const response = responses[String(status)]
  if (response === undefined || !("$ref" in response)) return response
  return document.components.responses?.[response.$ref.slice(response.$ref.lastIndexOf("/") + 1)]
}

layer(memoryHost())("Every example of a request", (it) => {
  it.effect("is accepted by the host, which answers as described", () =>
    Effect.gen(function*() {
      const { send, signIn } = yield* TestHost
      for (const { method, operation, path } of operations) {
        const isSignedIn = operation.security.some((scheme) => "bearer" in scheme)
        const token = isSignedIn ? (yield* signIn()).token : undefined
        const { headers, json, status, text } = yield* send(method, urlOf(path, operation), {
          token,
          body: bodyOf(operation)
        })
        const said = `${operation.operationId} ${status} ${text.slice(0, 300)}`
        const response = declared(operation, status)
        assert.isDefined(response, said)
        assert.notInclude(["invalid_request", "unauthenticated"], json?.code, said)
        const { content = {}, headers: fields = {} } = response!
        for (const field of Object.keys(fields)) {
          // Limits are off here, and waiting does not help everywhere.
          if (!/^RateLimit|^Retry/u.test(field)) assert.property(headers, field.toLowerCase(), said)
        }
        assert.strictEqual("retry-after" in headers, json?.retryAfterSeconds !== undefined, said)
        const problem = content["application/problem+json"]
        if (problem !== undefined) assert.include(codesIn(document, problem.schema), json?.code, said)
      }
    }))
})
