/**
 * The description of the API as documentation: the contract, its texts and its examples in one OpenAPI 3.1 document.
 * Effect writes the document from the contract; what it has no annotation for (examples, header fields, discriminators,
 * shared answers) is added by one transformation, step by step.
 */
import { HttpApi, OpenApi } from "effect/http-api"
import { Api } from "../Api.ts"
import { sessionCookie } from "../Authentication.ts"
import { generalProblems } from "./GeneralProblems.ts"
import { introduction, summary } from "./Introduction.ts"
import { groups, operations } from "./operations/index.ts"
import { parameters } from "./Parameters.ts"
import { commonMembers, problemExamples, problemMembers } from "./ProblemDocs.ts"
import { schemas } from "./schemas/index.ts"
import { securitySchemes } from "./SecuritySchemes.ts"
import { tidyAnswers } from "./transform/Answers.ts"
import { describeBodiesLeftOut } from "./transform/BodiesLeftOut.ts"
import { addDiscriminators } from "./transform/Discriminators.ts"
import type { OpenApiDocument, Step } from "./transform/Document.ts"
import { describeProblems, oneSchemaPerProblem } from "./transform/ProblemSchemas.ts"
import { describeOperations, describeSchemas } from "./transform/Texts.ts"
import { tidySchemas } from "./transform/TidySchemas.ts"

export interface Installation {
  /** The origin that clients use; without it the document speaks of the server that it comes from. */
  readonly publicUrl?: string | undefined
  /** The name of the session cookie. */
  readonly cookie?: string | undefined
}

const describeTags: Step = (document) => ({
  ...document,
  tags: document.tags.map((tag) => ({ ...tag, description: groups[tag.name] ?? "" }))
})

/** Text that a reader meets from the top to the bottom comes in that order. */
const inOrder: Step = ({ components, info, openapi, paths, servers, tags }) => ({
  openapi,
  info,
  ...(servers && { servers }),
  tags,
  paths,
  components
})

const secured = (cookie: string): Step => (document) => ({
  ...document,
  components: { ...document.components, securitySchemes: securitySchemes(cookie) }
})

const steps = (cookie: string): ReadonlyArray<Step> => [
  describeBodiesLeftOut,
  oneSchemaPerProblem,
  tidySchemas,
  tidyAnswers,
  addDiscriminators,
  describeTags,
  describeOperations(operations, parameters),
  describeSchemas(schemas),
  describeProblems({ common: commonMembers, members: problemMembers, examples: problemExamples }),
  secured(cookie),
  inOrder
]

const documented = (description: Readonly<Record<string, unknown>>, cookie: string) =>
  steps(cookie).reduce((document, step) => step(document), description as unknown as OpenApiDocument)

/** The contract with everything that documentation needs, for one installation. */
export const documentedApi = ({ cookie = sessionCookie, publicUrl = "/" }: Installation = {}) =>
  Api
    .annotate(HttpApi.AdditionalSchemas, generalProblems)
    .annotateMerge(OpenApi.annotations({
      summary,
      description: introduction,
      license: { name: "MIT", identifier: "MIT" },
      servers: [{ url: publicUrl }],
      transform: (description) => documented(description, cookie) as never
    }))

export const apiDocument = (installation?: Installation): OpenApiDocument =>
  OpenApi.fromApi(documentedApi(installation)) as unknown as OpenApiDocument
