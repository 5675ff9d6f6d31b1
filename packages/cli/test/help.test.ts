import { assert, describe, expect, it, vi } from "@effect/vitest"
import { Console, Effect } from "effect"
import { type Command, TerminalCapabilities } from "effect/cli"
import { dchat, root } from "../src/Dchat.ts"
import { helpOf } from "../src/HelpTexts.ts"
import { dchatProcess } from "./support/Processes.ts"

/** The words of each command below this one, from the names that the command line itself dispatches on. */
const pathsBelow = (
  { subcommands }: Command.Command.Any,
  path: ReadonlyArray<string> = []
): ReadonlyArray<string[]> => [
  [...path],
  ...subcommands.flatMap(({ commands }) => commands.flatMap((command) => pathsBelow(command, [...path, command.name])))
]

const paths = pathsBelow(root)

/** The help that the commands themselves write for these words. */
const written = async (words: ReadonlyArray<string>, canColor: boolean) => {
  let stdout = ""
  const console: Console.Console = Object.assign(Object.create(globalThis.console), {
    log: (text: string) => stdout += `${text}\n`
  })
  await Effect.runPromiseExit(
    dchat(words).pipe(
      Effect.provideService(Console.Console, console),
      Effect.provideService(TerminalCapabilities.TerminalCapabilities, {
        canColor,
        canAnimate: false,
        canPrompt: false
      })
    )
  )
  return stdout
}

const inTerminal = <A>(variables: Readonly<Record<string, string>>, isTerminal: boolean, use: () => A): A => {
  for (const name of ["FORCE_COLOR", "NO_COLOR", "TERM"]) vi.stubEnv(name, variables[name])
  const { isTTY } = process.stdout
  process.stdout.isTTY = isTerminal
  try {
    return use()
  } finally {
    process.stdout.isTTY = isTTY
    vi.unstubAllEnvs()
  }
}

describe("The stored help", () => {
  it("is that of the commands", async () => {
    assert.isAbove(paths.length, 20)
    const texts: Record<string, string> = {}
    for (const path of paths) texts[["dchat", ...path].join(" ")] = await written([...path, "--help"], true)
    await expect(`${JSON.stringify(texts, null, 2)}\n`).toMatchFileSnapshot("../src/help.json")
  })

  it("is written as the commands write it, with and without colours, by both flags", async () => {
    for (const path of [[], ["calls"], ["calls", "end"], ["login"]]) {
      for (const flag of ["--help", "-h"]) {
        const words = [...path, flag]
        assert.strictEqual(inTerminal({}, true, () => helpOf(words)), await written(words, true))
        assert.strictEqual(inTerminal({}, false, () => helpOf(words)), await written(words, false))
      }
    }
    assert.strictEqual(inTerminal({}, false, () => helpOf([])), await written([], false))
  })

  it.each([
    [{ TERM: "dumb", FORCE_COLOR: "1" }, true],
    [{ NO_COLOR: "1", FORCE_COLOR: "1" }, true],
    [{ NO_COLOR: "", FORCE_COLOR: "1" }, false],
    [{ FORCE_COLOR: "0" }, false],
    [{ FORCE_COLOR: "False" }, false],
    [{}, true]
  ])("has colours exactly where those of the commands have: %j, in a terminal: %s", async (variables, isTerminal) => {
    const { canColor } = inTerminal(variables, isTerminal, TerminalCapabilities.TerminalCapabilities.defaultValue)
    assert.strictEqual(
      inTerminal(variables, isTerminal, () => helpOf(["--help"])),
      await written(["--help"], canColor)
    )
  })

  it.each([
    [["calls"]],
    [["--version"]],
    [["--help", "calls"]],
    [["calls list", "-h"]],
    [["nothing", "-h"]],
    [["constructor", "-h"]]
  ])("is given to no other words: %j", (words) => assert.isUndefined(helpOf(words)))

  it("is the output of the process with code 0, which loads no library for it", async () => {
    const refuse = `import { registerHooks } from "node:module"
registerHooks({
  load: (url, context, next) => {
    if (url.includes("node_modules")) throw new Error(url)
    return next(url, context)
  }
})`
    const environment = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(refuse)}` }
    const stdout = await written(["calls", "list", "--help"], false)
    assert.deepStrictEqual(await dchatProcess(environment, "calls", "list", "--help"), { code: 0, stdout, stderr: "" })
    assert.deepInclude(await dchatProcess(environment), { code: 0, stdout: await written([], false) })
    assert.include((await dchatProcess(environment, "calls", "list")).stderr, "node_modules")
  })
})
