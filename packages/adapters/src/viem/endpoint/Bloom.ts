/**
 * The bloom filter of a block (Yellow Paper, 4.4.3, the function M): 2048 bits, of which each address and each topic of a
 * log sets three.
 */
import { type Hex, hexToBytes, keccak256 } from "viem"

/** The three bits of an address or a topic. */
export const bitsOf = (item: Hex): ReadonlyArray<number> => {
  const hash = keccak256(hexToBytes(item), "bytes")
  return [0, 2, 4].map((at) => (((hash[at] ?? 0) << 8) | (hash[at + 1] ?? 0)) & 2047)
}

/** Whether the filter has these bits. Bit 0 is the lowest bit of the last byte. */
export const hasBits = (bloom: Uint8Array, bits: ReadonlyArray<number>): boolean =>
  bits.every((bit) => ((bloom[255 - (bit >> 3)] ?? 0) & (1 << (bit & 7))) !== 0)

const size = 2048

const ones = (byte: number): number => {
  let count = 0
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1
  return count
}

/**
 * Whether three bits of the filter say anything. A filter in which more than three quarters of the bits are set has any
 * three bits by chance in more than two of five cases. Blocks of busy chains have such filters.
 */
export const isInformative = (bloom: Uint8Array): boolean =>
  bloom.reduce((sum, byte) => sum + ones(byte), 0) <= size * 3 / 4
