/**
 * The contracts of wallets.sol, compiled when a test first asks for them.
 */
import { Schema } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import solc from "solc"
import type { Abi, Hex } from "viem"

export type ContractName =
  | "Answering"
  | "Echoing"
  | "Halting"
  | "Looping"
  | "OpenWallet"
  | "OwnedWallet"
  | "PermissiveWallet"
  | "Reverting"
  | "WalletFactory"

interface Contract {
  readonly abi: Abi
  /** What creates it, without the arguments of its constructor. */
  readonly bytecode: Hex
}

/** What is read of the compiler's standard JSON output. */
const Output = Schema.fromJsonString(Schema.Struct({
  errors: Schema.optionalKey(Schema.Array(Schema.Struct({ severity: Schema.String, formattedMessage: Schema.String }))),
  contracts: Schema.optionalKey(
    Schema.Record(
      Schema.String,
      Schema.Record(
        Schema.String,
        Schema.Struct({
          abi: Schema.declare((abi): abi is Abi => Array.isArray(abi)),
          evm: Schema.Struct({ bytecode: Schema.Struct({ object: Schema.String }) })
        })
      )
    )
  )
}))

const source = "wallets.sol"

const compile = (): ReadonlyMap<string, Contract> => {
  const output = Schema.decodeUnknownSync(Output)(solc.compile(JSON.stringify({
    language: "Solidity",
    sources: { [source]: { content: readFileSync(join(import.meta.dirname, source), "utf8") } },
    settings: {
      optimizer: { enabled: true },
      outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } }
    }
  })))
  const errors = (output.errors ?? []).filter(({ severity }) => severity === "error")
  if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join("\n"))
  return new Map(
    Object.entries(output.contracts?.[source] ?? {}).map(([name, { abi, evm }]) => [
      name,
      { abi, bytecode: `0x${evm.bytecode.object}` as const }
    ])
  )
}

let compiled: ReadonlyMap<string, Contract> | undefined

export const contract = (name: ContractName): Contract => {
  compiled ??= compile()
  const found = compiled.get(name)
  if (found === undefined) throw new Error(`${source} has no contract ${name}`)
  return found
}
