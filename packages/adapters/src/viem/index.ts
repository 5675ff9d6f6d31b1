export * from "./EvmChains.ts"
export * as ViemWalletProof from "./ViemWalletProof.ts"
