/**
 * Public chains, for a wallet that does not know the chain yet (EIP-3085). The data is that of
 * https://github.com/ethereum-lists/chains. The nodes are public, and the user can choose others in the wallet.
 */

interface KnownChain {
  readonly chainId: number
  readonly chainName: string
  /** The symbol of the native currency, which has 18 decimals. */
  readonly symbol: string
  readonly rpcUrl: string
  readonly explorer: string
}

const known: ReadonlyArray<KnownChain> = [
  {
    chainId: 1,
    chainName: "Ethereum",
    symbol: "ETH",
    rpcUrl: "https://ethereum-rpc.publicnode.com",
    explorer: "https://etherscan.io"
  },
  {
    chainId: 8453,
    chainName: "Base",
    symbol: "ETH",
    rpcUrl: "https://mainnet.base.org",
    explorer: "https://basescan.org"
  },
  {
    chainId: 137,
    chainName: "Polygon",
    symbol: "POL",
    rpcUrl: "https://polygon-rpc.com",
    explorer: "https://polygonscan.com"
  },
  {
    chainId: 42_161,
    chainName: "Arbitrum One",
    symbol: "ETH",
    rpcUrl: "https://arb1.arbitrum.io/rpc",
    explorer: "https://arbiscan.io"
  },
  {
    chainId: 10,
    chainName: "OP Mainnet",
    symbol: "ETH",
    rpcUrl: "https://mainnet.optimism.io",
    explorer: "https://optimistic.etherscan.io"
  },
  {
    chainId: 11_155_111,
    chainName: "Sepolia",
    symbol: "ETH",
    rpcUrl: "https://ethereum-sepolia-rpc.publicnode.com",
    explorer: "https://sepolia.etherscan.io"
  },
  {
    chainId: 84_532,
    chainName: "Base Sepolia",
    symbol: "ETH",
    rpcUrl: "https://sepolia.base.org",
    explorer: "https://sepolia.basescan.org"
  }
]

/** The parameter of `wallet_addEthereumChain`. Undefined for a chain that is not public. */
export const chainToAdd = (wanted: number) => {
  const chain = known.find(({ chainId }) => chainId === wanted)
  return chain && {
    chainId: `0x${wanted.toString(16)}`,
    chainName: chain.chainName,
    nativeCurrency: { name: chain.symbol, symbol: chain.symbol, decimals: 18 },
    rpcUrls: [chain.rpcUrl],
    blockExplorerUrls: [chain.explorer]
  }
}
