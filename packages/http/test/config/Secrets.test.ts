import { assert, describe, it } from "@effect/vitest"
import { Array, ConfigProvider, Effect, Option, Redacted, Schema } from "effect"
import { execFile } from "node:child_process"
import { createHash, randomBytes } from "node:crypto"
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { inspect, promisify } from "node:util"
import { masterSecrets, secretsConfig } from "../../src/config/Secrets.ts"

const good = Array.makeBy(3, () => randomBytes(48).toString("base64"))

const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "dchat-secrets-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true }))
)

/** With this value of DCHAT_SECRETS, which counts as not set when it is left out. */
const read = (
  environment: "development" | "production",
  value?: string,
  directory = join(tmpdir(), "dchat-secrets-unused")
) =>
  masterSecrets({
    environment,
    secrets: Option.map(Option.fromNullishOr(value), (text) => Redacted.make(text)),
    directory
  })
    .pipe(Effect.map(({ secrets }) => secrets.map(Redacted.value)))

const refusalOf = Effect.fnUntraced(function*(...arguments_: Parameters<typeof read>) {
  const { message, reason } = yield* Effect.flip(read(...arguments_))
  assert.lengthOf(message.split("\n"), 1)
  return { message, reason: reason._tag }
})

const modeOf = (path: string) => Effect.map(Effect.promise(() => stat(path)), ({ mode }) => mode & 0o777)

const write = (path: string, text: string) => Effect.promise(() => writeFile(path, text))

describe("The secrets of a host", () => {
  it.effect("are the given ones, the newest first, in any environment", () =>
    Effect.gen(function*() {
      for (const environment of ["development", "production"] as const) {
        assert.deepStrictEqual(yield* read(environment, good[0]), [good[0]])
        assert.deepStrictEqual(yield* read(environment, good.join()), good)
        assert.deepStrictEqual(yield* read(environment, ` ${good.join(" ,\n ")} ,`), good)
      }
    }))

  it.effect("come from DCHAT_SECRETS, and are redacted where they are printed", () =>
    Effect.gen(function*() {
      const configured = yield* secretsConfig
      assert.deepStrictEqual(Option.map(configured, Redacted.value), Option.some("the value"))
      assert.notInclude(inspect(configured, { depth: 9 }) + JSON.stringify(configured), "the value")
    }).pipe(Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: { DCHAT_SECRETS: "the value" } })))))

  it.effect("are empty if DCHAT_SECRETS is not set", () =>
    Effect.gen(function*() {
      assert.isTrue(Option.isNone(yield* secretsConfig))
    }).pipe(Effect.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: {} })))))

  it.effect("are required in production, and one line says how to make one", () =>
    Effect.scoped(Effect.gen(function*() {
      const directory = yield* folder
      yield* read("development", undefined, directory)
      for (const nothing of [undefined, "", " ", ",", " , "]) {
        const { message, reason } = yield* refusalOf("production", nothing, directory)
        assert.strictEqual(reason, "SecretsMissing")
        assert.include(message, "DCHAT_SECRETS")
        assert.include(message, "openssl rand -base64 48")
      }
    })))

  it.effect.each<readonly [what: string, secret: string]>([
    ["31 characters", "0Qw8vJ4mZr2TfX6bN1pLs9KdGh5YcAe"],
    ["a word", "hunter2"],
    ["one character again and again", "a".repeat(64)],
    ["two characters again and again", "ab".repeat(32)],
    ["a word again and again", "hunter-tor-".repeat(8)],
    ["a word again and again, cut off", "correct-horse-".repeat(4).slice(0, 50)],
    ["a half twice", "0Qw8vJ4mZr2TfX6bN1pLs9KdGh5Yc".repeat(2)],
    ["few characters in disorder", "abcabbaccabcbaabcbbacacbabcabcabbaccbab"],
    ["\"secret\" again and again", "secret".repeat(8)],
    ["\"change-me\" and more", "change-me-0Qw8vJ4mZr2TfX6bN1pLs9KdGh5YcAe"],
    ["\"changeme\" and more", "0Qw8vJ4mZr2TfX6bN1pLs9KdGh5YcAe-CHANGEME"],
    ["\"change this\"", "please change this before you go online"],
    ["\"replace_me\"", "replace_me_with_something_long_and_random"],
    ["a placeholder", "<a placeholder for the key of the host>"],
    ["a default", "the-default-key-of-the-development-host"],
    ["an example", "an example of a key that is long enough"],
    ["a password", "Password-Password1-Password2-Password34"],
    ["the digits in order", "01234567890123456789abcdefghijklmnopqrs"],
    ["the letters in order", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM"]
  ])("cannot be %s", ([, secret]) =>
    Effect.gen(function*() {
      for (const environment of ["development", "production"] as const) {
        for (const [value, position] of [[secret, 1], [`${good[0]},${secret}`, 2]] as const) {
          const { message, reason } = yield* refusalOf(environment, value)
          assert.strictEqual(reason, "SecretUnfit")
          assert.include(message, `secret ${position} of DCHAT_SECRETS`)
          assert.include(message, "openssl rand -base64 48")
        }
      }
    }))

  it.effect("have to differ", () =>
    Effect.gen(function*() {
      const { message, reason } = yield* refusalOf("production", [good[0], good[1], ` ${good[0]} `].join())
      assert.strictEqual(reason, "SecretUnfit")
      assert.include(message, "secret 3 of DCHAT_SECRETS is listed twice")
    }))

  it.effect("are not part of a refusal", () =>
    Effect.gen(function*() {
      for (const secrets of [["hunter2"], [good[0], "change-me-0Qw8vJ4mZr2TfX6bN1pLs9KdGh5YcAe"], [good[0], good[0]]]) {
        const failure = yield* Effect.flip(read("production", secrets.join()))
        const told = failure.message + inspect(failure, { depth: 9 }) + JSON.stringify(failure)
        for (const secret of secrets) assert.notInclude(told, secret)
      }
    }))

  it.effect.prop(
    "may be any random text that is long enough, in any notation",
    [Schema.Literals(["base64", "base64url", "hex"]), Schema.Int.check(Schema.isBetween({ minimum: 24, maximum: 64 }))],
    ([encoding, length]) =>
      Effect.gen(function*() {
        const secret = randomBytes(length).toString(encoding)
        assert.deepStrictEqual(yield* read("production", secret), [secret])
      })
  )
})

describe("The development secret of a host", () => {
  it.effect("is created once, of 48 random bytes, in a file that only the user can read", () =>
    Effect.scoped(Effect.gen(function*() {
      const directory = yield* folder
      const [secret, ...more] = yield* read("development", undefined, directory)
      assert.lengthOf(more, 0)
      assert.match(secret ?? "", /^[\w-]{64}$/)
      assert.strictEqual(yield* modeOf(join(directory, "secrets")), 0o600)
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(directory)), ["secrets"])
      assert.deepStrictEqual(yield* read("development", undefined, directory), [secret])
      assert.deepStrictEqual(yield* read("development", "", directory), [secret])
      const other = yield* read("development", undefined, yield* folder)
      assert.notDeepEqual(other, [secret])
    })))

  it.effect("is created in a new folder that PostgreSQL's user can pass", () =>
    Effect.scoped(Effect.gen(function*() {
      const directory = join(yield* folder, "a", "b")
      yield* read("development", undefined, directory)
      assert.strictEqual(yield* modeOf(directory), 0o711)
    })))

  it.effect("does not change the permissions of an existing folder", () =>
    Effect.scoped(Effect.gen(function*() {
      const directory = yield* folder
      yield* Effect.promise(() => chmod(directory, 0o750))
      yield* read("development", undefined, directory)
      assert.strictEqual(yield* modeOf(directory), 0o750)
    })))

  it.effect("is not created if secrets are given", () =>
    Effect.scoped(Effect.gen(function*() {
      const directory = yield* folder
      yield* read("development", good[0], directory)
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(directory)), [])
    })))

  it.effect("is one for any number of concurrent starts", () =>
    Effect.scoped(Effect.gen(function*() {
      const directory = join(yield* folder, "data")
      const all = yield* Effect.all(Array.makeBy(50, () => read("development", undefined, directory)), {
        concurrency: "unbounded"
      })
      assert.lengthOf(new Set(all.flat()), 1)
      assert.deepStrictEqual(yield* Effect.promise(() => readdir(directory)), ["secrets"])
    })))

  it.live("is one for several concurrent processes", () =>
    Effect.scoped(Effect.gen(function*() {
      const directory = join(yield* folder, "data")
      const script = `
        import { createHash } from "node:crypto"
        import { Effect, Option, Redacted } from "effect"
        import { masterSecrets } from ${JSON.stringify(resolve(import.meta.dirname, "../../src/config/Secrets.ts"))}
        const options = { environment: "development", secrets: Option.none(), directory: ${JSON.stringify(directory)} }
        const { secrets } = await Effect.runPromise(masterSecrets(options))
        console.log(secrets.map((secret) => createHash("sha256").update(Redacted.value(secret)).digest("hex")).join())`
      const start = Effect.promise(() =>
        promisify(execFile)(process.execPath, ["--conditions=@dchat/source", "--input-type=module", "--eval", script], {
          cwd: import.meta.dirname
        })
      )
      const outputs = yield* Effect.all(Array.makeBy(3, () => start), { concurrency: "unbounded" })
      const text = yield* Effect.promise(() => readFile(join(directory, "secrets"), "utf8"))
      const expected = createHash("sha256").update(text.trim()).digest("hex")
      assert.deepStrictEqual(outputs.map(({ stdout }) => stdout.trim()), [expected, expected, expected])
    })), 60_000)

  it.effect("is read from an edited file, the newest first", () =>
    Effect.scoped(Effect.gen(function*() {
      const directory = yield* folder
      yield* write(join(directory, "secrets"), `${good[0]}\n${good[1]},${good[2]}\n`)
      assert.deepStrictEqual(yield* read("development", undefined, directory), good)
    })))

  it.effect("is refused with the name of a file without valid secrets", () =>
    Effect.scoped(Effect.gen(function*() {
      const directory = yield* folder
      const path = join(directory, "secrets")
      yield* write(path, "")
      const empty = yield* refusalOf("development", undefined, directory)
      assert.strictEqual(empty.reason, "SecretsFileUnusable")
      assert.include(empty.message, path)
      yield* write(path, "short\n")
      const short = yield* refusalOf("development", undefined, directory)
      assert.strictEqual(short.reason, "SecretUnfit")
      assert.include(short.message, `secret 1 of ${path}`)
    })))

  it.effect("is refused with the reason if the file cannot be used", () =>
    Effect.scoped(Effect.gen(function*() {
      const directory = yield* folder
      yield* write(join(directory, "file"), "")
      const inFile = yield* refusalOf("development", undefined, join(directory, "file"))
      assert.strictEqual(inFile.reason, "SecretsFileUnusable")
      yield* Effect.promise(() => mkdir(join(directory, "secrets")))
      const isFolder = yield* refusalOf("development", undefined, directory)
      assert.strictEqual(isFolder.reason, "SecretsFileUnusable")
      assert.include(isFolder.message, join(directory, "secrets"))
    })))
})
