/**
 * A subpath of our packages needs the libraries that docs/embedding.md lists for it, and no others.
 */
import { assert, describe, it } from "@effect/vitest"
import { readFileSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { published } from "./support/published.ts"

const root = resolve(import.meta.dirname, "..")

interface Manifest {
  readonly name: string
  readonly exports?: Readonly<Record<string, { readonly "@dchat/source": string }>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional: boolean }>>
}

const manifests = new Map(published.map((name): readonly [string, Manifest] => [
  `@dchat/${name}`,
  JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"))
]))

/** `@dchat/http/client` is a package and a subpath of it, and `@effect/vitest` a package alone. */
const packageOf = (specifier: string) => specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/")

const sourceOf = (specifier: string): string => {
  const name = packageOf(specifier)
  const path = manifests.get(name)?.exports?.[`.${specifier.slice(name.length)}`]?.["@dchat/source"]
  return path === undefined ? assert.fail(specifier) : join(root, "packages", name.slice("@dchat/".length), path)
}

/** The modules that Node loads for a file, at once or when the file needs them first. Imports of types are erased. */
const importsOf = (file: string): ReadonlyArray<string> => {
  const text = readFileSync(file, "utf8")
  const loads =
    /^(?:import|export)(?! type\b)[^"']*?from "(?<from>[^"]+)"|(?:require\.resolve|\bimport)\("(?<resolved>[^"]+)"\)/gmu
  return [...text.matchAll(loads)].flatMap(({ groups }) => groups?.["from"] ?? groups?.["resolved"] ?? [])
}

/** The libraries behind a subpath, by the package that imports them. */
const librariesOf = (specifier: string): ReadonlyMap<string, string> => {
  const found = new Map<string, string>()
  const seen = new Set<string>()
  const visit = (file: string) => {
    if (seen.has(file)) return
    seen.add(file)
    for (const imported of importsOf(file)) {
      if (imported.startsWith(".")) visit(resolve(dirname(file), imported))
      else if (imported.startsWith("@dchat/")) visit(sourceOf(imported))
      else if (!/^node:|^effect(?:\/|$)/.test(imported)) {
        found.set(packageOf(imported), `@dchat/${file.slice(join(root, "packages/").length).split("/", 1)[0]}`)
      }
    }
  }
  visit(sourceOf(specifier))
  return found
}

const subpaths = [...manifests].flatMap(([name, { exports = {} }]) =>
  Object.keys(exports).map((path) => `${name}${path.slice(1)}`)
)

/** The table of the document, by subpath. */
const documented = () => {
  const rows = readFileSync(join(root, "docs/embedding.md"), "utf8").matchAll(/^\| (`@dchat[^|]*) \| ([^|]*) \|$/gmu)
  const quoted = (cell = "") => [...cell.matchAll(/`([^`]+)`/gu)].map(([, text = ""]) => text)
  const table = new Map(
    [...rows].flatMap(([, names, libraries]) => quoted(names).map((name) => [name, quoted(libraries)] as const))
  )
  /** A row may name another for its libraries. */
  const expanded = (libraries: ReadonlyArray<string>): ReadonlyArray<string> =>
    libraries.flatMap((library) => library.startsWith("@dchat/") ? expanded(table.get(library) ?? []) : library)
  return new Map([...table].map(([name, libraries]) => [name, expanded(libraries)]))
}

describe("The libraries of a subpath", () => {
  it("are those that the document lists", () => {
    const table = documented()
    for (const subpath of subpaths) {
      const named = table.get(subpath) ?? table.get(`${packageOf(subpath)}/*`)
      assert.sameMembers([...librariesOf(subpath).keys()], [...named ?? assert.fail(`no row for ${subpath}`)], subpath)
    }
  })

  it("are optional peers of the package that imports them", () => {
    for (const subpath of subpaths) {
      for (const [library, owner] of librariesOf(subpath)) {
        const manifest = manifests.get(owner)
        assert.property(manifest?.peerDependencies, library, `${owner}, for ${subpath}`)
        assert.strictEqual(manifest?.peerDependenciesMeta?.[library]?.optional, true, library)
      }
    }
  })
})
