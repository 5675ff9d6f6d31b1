export * as ViemWalletProof from "./ViemWalletProof.ts"
