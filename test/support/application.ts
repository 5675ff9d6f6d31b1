/**
 * An application of somebody else: a folder outside the repository, in which npm installs packages.
 */
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdir, readdir, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { promisify } from "node:util"

const run = promisify(execFile)

/** The settings of the npm that runs the tests are not those of an application. */
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_")))

/** The output of a program that ends by itself without a failure. */
export const output = async (command: string, args: ReadonlyArray<string>, cwd: string): Promise<string> => {
  try {
    return (await run(command, [...args], { cwd, env: environment })).stdout
  } catch (failure) {
    const { stderr = "", stdout = "" } = failure as { readonly stdout?: string; readonly stderr?: string }
    throw new Error(`${command} ${args.join(" ")}\n${stdout}\n${stderr}`, { cause: failure })
  }
}

/** The lines of a program that is told to end by SIGTERM after a line like this, and then ends without a fault. */
export const outputUntil = async (
  line: RegExp,
  command: string,
  args: ReadonlyArray<string>,
  cwd: string
): Promise<ReadonlyArray<string>> => {
  const { DATABASE_URL: _, ...env } = environment
  const child = spawn(command, [...args], { cwd, env, stdio: ["ignore", "pipe", "inherit"] })
  const ended = once(child, "exit")
  const lines: Array<string> = []
  for await (const written of createInterface(child.stdout)) {
    lines.push(written)
    if (line.test(written)) child.kill("SIGTERM")
  }
  const [code] = await ended
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}\n${lines.join("\n")}`)
  return lines
}

/** Packs a package, by its folder or by its name and version, and answers the tarball. */
export const pack = async (destination: string, what: string): Promise<string> => {
  const args = ["pack", what, "--json", "--ignore-scripts", "--pack-destination", destination]
  const [{ filename }] = JSON.parse(await output("npm", args, destination))
  return join(destination, filename)
}

/** A new application with these files and packages. */
export const application = async (
  folder: string,
  files: Readonly<Record<string, string | object>>,
  ...packages: ReadonlyArray<string>
): Promise<string> => {
  await mkdir(folder)
  const manifest = { name: "application", private: true, type: "module" }
  for (const [name, content] of Object.entries({ "package.json": manifest, ...files })) {
    await writeFile(join(folder, name), typeof content === "string" ? content : JSON.stringify(content))
  }
  await output(
    "npm",
    ["install", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts", ...packages],
    folder
  )
  return folder
}

/** The bytes of the files of each installed package, by its name. */
export const installedBytes = async (folder: string): Promise<ReadonlyMap<string, number>> => {
  const modules = join(folder, "node_modules")
  const sizes = new Map<string, number>()
  for (const entry of await readdir(modules, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const [first = "", second = ""] = path.slice(modules.length + 1).split("/")
    if (!entry.isFile() || first === ".package-lock.json") continue
    const name = first.startsWith("@") ? `${first}/${second}` : first
    sizes.set(name, (sizes.get(name) ?? 0) + (await stat(path)).size)
  }
  return sizes
}
