/**
 * The permitted imports between folders, as one table, and the rules of the linter that follow from the table.
 */

interface Refused {
  readonly group: Array<string>
  readonly message: string
}

/** Files, what they may not import, and names of `effect` that they may not use. */
interface Wall {
  readonly files: ReadonlyArray<string>
  readonly refused: ReadonlyArray<Refused>
  readonly names?: ReadonlyArray<string>
}

const refuse = (message: string, ...group: Array<string>): Refused => ({ group, message })

const domain = "packages/domain/src"

/**
 * Each feature of the domain, and what it may know of the others. Every feature may import `storable` and the type of
 * rules; services may also import `decision/Races.ts`.
 */
const features: Readonly<Record<string, ReadonlyArray<string>>> = {
  identity: [],
  call: ["identity/model/UserId.ts", "idempotency/index.ts", "loop/index.ts"],
  subscription: [
    "identity/model/UserId.ts",
    "identity/model/ChainId.ts",
    "identity/model/WalletAddress.ts",
    "idempotency/index.ts",
    "loop/index.ts"
  ],
  onchain: [
    "identity/model/UserId.ts",
    "identity/model/ChainId.ts",
    "identity/model/WalletAddress.ts",
    "loop/index.ts",
    "subscription/index.ts"
  ],
  billing: ["identity/model/UserId.ts", "loop/index.ts", "subscription/index.ts"],
  idempotency: ["identity/model/UserId.ts"],
  loop: [],
  decision: [],
  storable: []
}

/** Each storey of a feature, and the siblings that it may not import. */
const storeys = {
  model: ["../rules/*", "../ports/*", "../*.ts"],
  rules: ["../ports/*", "../*.ts"],
  ports: ["../*.ts"]
} as const

const technology = refuse(
  "The domain is pure: put this behind a port.",
  "@dchat/**",
  "@effect/*",
  ...["sql", "http", "http-api", "cli", "socket", "process"].flatMap((name) => [`effect/${name}`, `effect/${name}/*`]),
  "node:*",
  "redis",
  "stripe",
  "viem",
  "viem/*",
  "oauth4webapi",
  "jose",
  "ws"
)

const others = (feature: string, known: ReadonlyArray<string>, up: string): Refused =>
  refuse(
    "A feature knows no other: declare a port.",
    ...[...Object.keys(features), "contracts"].filter((name) => name !== feature).map((name) => `${up}${name}/**`),
    ...[...known, "storable/*.ts", "decision/Rule.ts"].map((path) => `!${up}${path}`)
  )

const effects = refuse("Rules and the model are pure: time, ids and randomness are arguments.", "effect/*")
const impureNames = ["Effect", "Layer", "Context", "Clock", "Random", "Stream", "Ref", "Queue"]

const storey = (feature: string, known: ReadonlyArray<string>, name: keyof typeof storeys): Wall => {
  const above = refuse(`${name}/ is below this: it does not import it.`, ...storeys[name])
  const common = [technology, others(feature, known, "../../"), above]
  const files = [`${domain}/${feature}/${name}/**`]
  return name === "ports" ? { files, refused: common } : { files, refused: [...common, effects], names: impureNames }
}

const ofDomain: ReadonlyArray<Wall> = [
  ...Object.entries(features).flatMap(([feature, known]): ReadonlyArray<Wall> => [
    {
      files: [`${domain}/${feature}/*.ts`],
      refused: [technology, others(feature, [...known, "decision/Races.ts"], "../")]
    },
    storey(feature, known, "model"),
    storey(feature, known, "rules"),
    storey(feature, known, "ports")
  ]),
  {
    files: [`${domain}/contracts/**`],
    refused: [refuse("A contract knows ports, and no adapter of them.", "@dchat/**", "effect/sql", "node:*")]
  }
]

/** Each library, and the only folder of the adapters that may import it. */
const libraries = {
  jose: ["jose", "jose/*"],
  viem: ["viem", "viem/*"],
  linkedin: ["oauth4webapi"],
  stripe: ["stripe"],
  postgres: ["@effect/sql-pg", "effect/sql", "effect/sql/*"]
} as const

const outside = refuse(
  "Adapters implement ports: they know no host and no stand-in.",
  "@dchat/http/**",
  "@dchat/cli/**",
  "@dchat/doubles/**"
)

const exceptIn = (folder: string | undefined): ReadonlyArray<Refused> =>
  Object.entries(libraries)
    .filter(([owner]) => owner !== folder)
    .map(([owner, specifiers]) => refuse(`${specifiers[0]} belongs into adapters/src/${owner}.`, ...specifiers))

const adapters = "packages/adapters/src"
const ofAdapters: ReadonlyArray<Wall> = [
  { files: [`${adapters}/**`], refused: [outside, ...exceptIn(undefined)] },
  ...Object.keys(libraries).map((folder) => ({
    files: [`${adapters}/${folder}/**`],
    refused: [outside, ...exceptIn(folder)]
  })),
  { files: [`${adapters}/embedded-postgres/**`], refused: [outside, ...exceptIn("postgres")] },
  {
    files: [`${adapters}/bridges/**`],
    refused: [outside, ...exceptIn(undefined), refuse("A bridge holds no technology.", "@effect/*", "node:*")]
  }
]

const http = "packages/http/src"
const roots = refuse("Only composition roots name concrete adapters.", "@dchat/adapters/**", "@dchat/cli/**")
const server = ["config", "handlers", "host", "limits", "middleware", "pages", "realtime"]
const ofServers = ["@dchat/adapters/**", "@dchat/cli/**", "@effect/*", "node:*", "ws"]
const noServer = (message: string) =>
  refuse(
    message,
    ...ofServers,
    ...server.map((folder) => `../${folder}/*`),
    "../*.ts"
  )
const above = (...folders: ReadonlyArray<string>) =>
  refuse("The host is made of its parts: a part does not import it.", "../*.ts", ...folders.map((it) => `../${it}/*`))

const ofHttp: ReadonlyArray<Wall> = [
  {
    files: [`${http}/api/**`],
    refused: [
      noServer("The contract is shared with clients: it imports nothing of the server."),
      refuse("Clients load the contract: the texts of its description stay out of it.", "./docs/**")
    ]
  },
  {
    files: [`${http}/api/docs/**`],
    refused: [refuse(
      "The description of the API is made of the contract and of texts.",
      ...ofServers,
      ...server.flatMap((folder) => [`../../${folder}/*`, `../../../${folder}/*`])
    )]
  },
  { files: [`${http}/client/**`], refused: [noServer("A client knows the contract only.")] },
  { files: [`${http}/limits/**`], refused: [roots, above("handlers", "host", "middleware", "pages", "realtime")] },
  { files: [`${http}/middleware/**`], refused: [roots, above("handlers", "host", "pages", "realtime")] },
  { files: [`${http}/pages/**`], refused: [roots, above("handlers", "host", "realtime")] },
  { files: [`${http}/handlers/**`], refused: [roots, above("host", "realtime")] },
  { files: [`${http}/realtime/**`], refused: [roots, above("host")] }
]

const ofAll: ReadonlyArray<Wall> = [{ files: ["**/*.ts"], refused: [] }]

const ofOthers: ReadonlyArray<Wall> = [
  {
    files: ["packages/doubles/src/**"],
    refused: [refuse("A stand-in is a program of its own: it knows nothing of what talks to it.", "@dchat/**")]
  },
  {
    files: ["packages/cli/src/commands/**"],
    refused: [refuse(
      "Only composition roots name concrete adapters.",
      "@dchat/adapters/**",
      "@dchat/http/handlers",
      "@dchat/http/realtime"
    )]
  },
  {
    files: ["examples/web/**"],
    refused: [refuse("The page speaks the public API only.", "@dchat/**", "effect", "effect/*")]
  }
]

/** The index of this package loads a Redis client, which is a third of the modules of a small program. */
const index = { name: "@effect/platform-node", message: "Import a module of it: @effect/platform-node/NodeRuntime." }

const rulesOf = ({ names, refused }: Wall) => ({
  "eslint/no-restricted-imports": ["error", {
    patterns: [...refused],
    paths: names === undefined
      ? [index]
      : [index, { name: "effect", importNames: [...names], message: effects.message }]
  }]
} as const)

/** The overrides of the linter's configuration. A file has the rules of the last wall that names it. */
export const walls = [...ofAll, ...ofDomain, ...ofAdapters, ...ofHttp, ...ofOthers].map((wall) => ({
  files: [...wall.files],
  rules: rulesOf(wall)
}))
