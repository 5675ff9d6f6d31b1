/**
 * Bundles `dchat` for its package: the part of `npm run build` after the compiler.
 */
import { resolve } from "node:path"
import { bundle } from "./bundle.mjs"

const cli = resolve(import.meta.dirname, "../packages/cli")

await bundle(resolve(cli, "src/main.ts"), resolve(cli, "dist/bin"))
