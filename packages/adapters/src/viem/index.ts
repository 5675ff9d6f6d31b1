export * from "./EvmChains.ts"
export { paymentRouter } from "./router/PaymentRouter.ts"
export * as ViemWalletProof from "./ViemWalletProof.ts"
