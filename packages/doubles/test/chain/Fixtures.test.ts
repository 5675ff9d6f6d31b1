import { isLeftOut, TestChain } from "@dchat/doubles/chain"
import { assert, describe, layer } from "@effect/vitest"
import { Effect } from "effect"
import { type Hex, parseEventLogs, parseSignature } from "viem"
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts"
import { encodeFunctionData } from "viem/utils"
import { account, balance } from "./support/Chain.ts"

/** A new account with one ether, so that no test sees the tokens or allowances of another test. */
const newAccount = Effect.gen(function*() {
  const chain = yield* TestChain
  const created = privateKeyToAccount(generatePrivateKey())
  yield* Effect.flatMap(chain.transferNative(account(chain, 0), created.address, 10n ** 18n), chain.include)
  return created
})

const statusOf = Effect.fnUntraced(function*(hash: Hex) {
  const { include } = yield* TestChain
  return (yield* include(hash)).status
})

describe.skipIf(isLeftOut)("On the simulated chain", () => {
  layer(TestChain.layer(), { timeout: 60_000 })("the contracts", (it) => {
    describe("USDC", () => {
      it.effect("grants an allowance by a signature (EIP-2612), with the domain that the token states", () =>
        Effect.gen(function*() {
          const { chainId, client, contracts: { usdc }, include, write } = yield* TestChain
          const owner = yield* newAccount
          const spender = yield* newAccount
          const { domain: { chainId: id, name, verifyingContract, version }, fields } = yield* Effect.promise(() =>
            client.getEip712Domain({ address: usdc.address })
          )
          // The bits of name, version, chain id and contract. The domain has no salt, although viem returns one.
          assert.strictEqual(fields, "0x0f")
          const domain = { name, version, chainId: id, verifyingContract }
          assert.deepStrictEqual(domain, {
            name: "USD Coin",
            version: "1",
            chainId,
            verifyingContract: usdc.address
          })
          const deadline = 2n ** 40n
          const signature = yield* Effect.promise(() =>
            owner.signTypedData({
              domain,
              types: {
                Permit: [
                  { name: "owner", type: "address" },
                  { name: "spender", type: "address" },
                  { name: "value", type: "uint256" },
                  { name: "nonce", type: "uint256" },
                  { name: "deadline", type: "uint256" }
                ]
              },
              primaryType: "Permit",
              message: { owner: owner.address, spender: spender.address, value: 9n, nonce: 0n, deadline }
            })
          )
          const { r, s, v = 27n } = parseSignature(signature)
          yield* Effect.flatMap(
            write(spender, usdc, "permit", [owner.address, spender.address, 9n, deadline, Number(v), r, s]),
            include
          )
          const allowance = yield* Effect.promise(() =>
            client.readContract({ ...usdc, functionName: "allowance", args: [owner.address, spender.address] })
          )
          assert.strictEqual(allowance, 9n)
        }))

      it.effect("refuses transfers while paused, and transfers of blocked accounts", () =>
        Effect.gen(function*() {
          const { contracts: { usdc }, mint, transfer, write } = yield* TestChain
          const ann = yield* newAccount
          const bob = yield* newAccount
          yield* mint(usdc, ann.address, 10n)
          assert.strictEqual(yield* statusOf(yield* write(ann, usdc, "setPaused", [true])), "success")
          assert.strictEqual(yield* statusOf(yield* transfer(usdc, ann, bob.address, 1n)), "reverted")
          assert.strictEqual(yield* statusOf(yield* write(ann, usdc, "setPaused", [false])), "success")
          assert.strictEqual(yield* statusOf(yield* write(ann, usdc, "setBlacklisted", [bob.address, true])), "success")
          assert.strictEqual(yield* statusOf(yield* transfer(usdc, ann, bob.address, 1n)), "reverted")
          assert.strictEqual(
            yield* statusOf(yield* transfer(usdc, ann, account(yield* TestChain, 5).address, 1n)),
            "success"
          )
        }))
    })

    it.effect("have an imitation of USDC, a token without decimals, and a token with 18 decimals", () =>
      Effect.gen(function*() {
        const { client, contracts: { dai, imitation, indivisible, usdc } } = yield* TestChain
        const describeToken = (address: Hex) =>
          Effect.promise(() =>
            Promise.all([
              client.readContract({ address, abi: dai.abi, functionName: "name" }),
              client.readContract({ address, abi: dai.abi, functionName: "symbol" }),
              client.readContract({ address, abi: dai.abi, functionName: "decimals" })
            ])
          )
        assert.deepStrictEqual(yield* describeToken(usdc.address), ["USD Coin", "USDC", 6])
        assert.deepStrictEqual(yield* describeToken(imitation.address), ["USD Coin", "USDC", 6])
        assert.notStrictEqual(imitation.address, usdc.address)
        assert.deepStrictEqual(yield* describeToken(indivisible.address), ["Ticket", "TICKET", 0])
        assert.deepStrictEqual(yield* describeToken(dai.address), ["Dai Stablecoin", "DAI", 18])
      }))

    it.effect("have a token that keeps a fee, and logs the fee as another transfer", () =>
      Effect.gen(function*() {
        const { contracts: { feeToken }, include, mint, transfer } = yield* TestChain
        const ann = yield* newAccount
        const bob = yield* newAccount
        yield* mint(feeToken, ann.address, 1000n)
        const { logs } = yield* include(yield* transfer(feeToken, ann, bob.address, 1000n))
        const events = parseEventLogs({ abi: feeToken.abi, eventName: "Transfer", logs })
        assert.deepStrictEqual(events.map(({ args }) => args.value), [10n, 990n])
        assert.strictEqual(yield* balance(yield* TestChain, feeToken, bob.address), 990n)
      }))

    it.effect("have a USDT that refuses to change an allowance that is not zero", () =>
      Effect.gen(function*() {
        const { approve, contracts: { usdt } } = yield* TestChain
        const ann = yield* newAccount
        const bob = yield* newAccount
        const outcomes = []
        for (const amount of [5n, 6n, 0n, 6n]) {
          outcomes.push(yield* statusOf(yield* approve(usdt, ann, bob.address, amount)))
        }
        assert.deepStrictEqual(outcomes, ["success", "reverted", "success", "success"])
      }))

    it.effect("have a membership that can be minted, deposited in the escrow, withdrawn and burned", () =>
      Effect.gen(function*() {
        const { client, contracts: { escrow, membership }, include, write } = yield* TestChain
        const ann = yield* newAccount
        const tokenId = BigInt(ann.address)
        const owner = Effect.promise(() =>
          client.readContract({ ...membership, functionName: "ownerOf", args: [tokenId] }).catch(() => "none")
        )
        yield* Effect.flatMap(write(ann, membership, "mint", [ann.address, tokenId]), include)
        assert.strictEqual(yield* owner, ann.address)
        yield* Effect.flatMap(
          write(ann, membership, "safeTransferFrom", [ann.address, escrow.address, tokenId]),
          include
        )
        assert.strictEqual(yield* owner, escrow.address)
        yield* Effect.flatMap(write(ann, escrow, "withdraw", [membership.address, tokenId]), include)
        assert.strictEqual(yield* owner, ann.address)
        yield* Effect.flatMap(write(ann, membership, "burn", [tokenId]), include)
        assert.strictEqual(yield* owner, "none")
      }))

    it.effect("have an entry point: a failed operation of a wallet leaves the transaction successful", () =>
      Effect.gen(function*() {
        const chain = yield* TestChain
        const { contracts: { entryPoint, usdc } } = chain
        const owner = yield* newAccount
        const bundler = yield* newAccount
        const wallet = yield* chain.deploySmartWallet(owner.address)
        yield* chain.mint(usdc, wallet.address, 5n)
        const transferOf = (amount: bigint) => ({
          sender: wallet.address,
          callData: encodeFunctionData({
            abi: wallet.abi,
            functionName: "execute",
            args: [
              usdc.address,
              0n,
              encodeFunctionData({ abi: usdc.abi, functionName: "transfer", args: [owner.address, amount] })
            ]
          })
        })
        const receipt = yield* Effect.flatMap(chain.bundle(bundler, [transferOf(6n), transferOf(2n)]), chain.include)
        assert.strictEqual(receipt.status, "success")
        const operations = parseEventLogs({ abi: entryPoint.abi, logs: receipt.logs })
        assert.deepStrictEqual(operations.map(({ args }) => args.success), [false, true])
        const transfers = parseEventLogs({ abi: usdc.abi, eventName: "Transfer", logs: receipt.logs })
        assert.deepStrictEqual(transfers.map(({ args }) => args), [
          { from: wallet.address, to: owner.address, value: 2n }
        ])
        assert.strictEqual(receipt.from, bundler.address.toLowerCase())
      }))

    it.effect("have price feeds whose round can be set", () =>
      Effect.gen(function*() {
        const { client, contracts: { priceFeed, sequencerFeed }, include, write } = yield* TestChain
        const ann = yield* newAccount
        const decimals = yield* Effect.promise(() => client.readContract({ ...priceFeed, functionName: "decimals" }))
        assert.strictEqual(decimals, 8)
        yield* Effect.flatMap(write(ann, priceFeed, "setRound", [-1n, 100n, 200n]), include)
        yield* Effect.flatMap(write(ann, sequencerFeed, "setRound", [1n, 300n, 400n]), include)
        const rounds = yield* Effect.promise(() =>
          Promise.all(
            [priceFeed, sequencerFeed].map((feed) => client.readContract({ ...feed, functionName: "latestRoundData" }))
          )
        )
        assert.deepStrictEqual(rounds.map(([, answer, startedAt, updatedAt]) => [answer, startedAt, updatedAt]), [
          [-1n, 100n, 200n],
          [1n, 300n, 400n]
        ])
      }))

    describe("Permit2", () => {
      const details = [
        { name: "token", type: "address" },
        { name: "amount", type: "uint160" },
        { name: "expiration", type: "uint48" },
        { name: "nonce", type: "uint48" }
      ] as const

      /** An owner with 10 USDC whose allowance to Permit2 is unlimited, and a spender. */
      const start = Effect.gen(function*() {
        const chain = yield* TestChain
        const { contracts: { permit2, usdc } } = chain
        const owner = yield* newAccount
        const spender = yield* newAccount
        yield* chain.mint(usdc, owner.address, 10n)
        yield* Effect.flatMap(chain.approve(usdc, owner, permit2.address, 2n ** 256n - 1n), chain.include)
        const take = (amount: bigint) =>
          Effect.flatMap(
            chain.write(spender, permit2, "transferFrom", [owner.address, spender.address, amount, usdc.address]),
            statusOf
          )
        const permit = (change: { readonly expiration: number; readonly nonce: number; readonly signed?: bigint }) =>
          Effect.gen(function*() {
            const { expiration, nonce, signed = 6n } = change
            const message = {
              details: { token: usdc.address, amount: signed, expiration, nonce },
              spender: spender.address,
              sigDeadline: 2n ** 40n
            }
            const signature = yield* Effect.promise(() =>
              owner.signTypedData({
                domain: { name: "Permit2", chainId: chain.chainId, verifyingContract: permit2.address },
                types: {
                  PermitDetails: details,
                  PermitSingle: [
                    { name: "details", type: "PermitDetails" },
                    { name: "spender", type: "address" },
                    { name: "sigDeadline", type: "uint256" }
                  ]
                },
                primaryType: "PermitSingle",
                message
              })
            )
            const sent = { ...message, details: { ...message.details, amount: 6n } }
            return yield* statusOf(yield* chain.write(spender, permit2, "permit", [owner.address, sent, signature]))
          })
        return { chain, owner, spender, take, permit, permit2, usdc }
      })

      it.effect("lets the spender take the signed amount once, at the address of Permit2", () =>
        Effect.gen(function*() {
          const { permit, permit2, take } = yield* start
          assert.strictEqual(permit2.address, "0x000000000022D473030F116dDEE9F6B43aC78BA3")
          assert.strictEqual(yield* take(1n), "reverted")
          assert.strictEqual(yield* permit({ expiration: 2 ** 40, nonce: 0 }), "success")
          assert.strictEqual(yield* take(4n), "success")
          assert.strictEqual(yield* take(3n), "reverted")
          assert.strictEqual(yield* take(2n), "success")
          assert.strictEqual(yield* permit({ expiration: 2 ** 40, nonce: 0 }), "reverted")
          assert.strictEqual(yield* permit({ expiration: 2 ** 40, nonce: 1 }), "success")
        }))

      it.effect("refuses another amount than the signed amount, and an allowance that has expired", () =>
        Effect.gen(function*() {
          const { permit, take } = yield* start
          assert.strictEqual(yield* permit({ expiration: 2 ** 40, nonce: 0, signed: 5n }), "reverted")
          assert.strictEqual(yield* permit({ expiration: 1, nonce: 0 }), "success")
          assert.strictEqual(yield* take(1n), "reverted")
        }))

      it.effect("lets the owner revoke the allowance", () =>
        Effect.gen(function*() {
          const { chain, owner, permit, permit2, spender, take, usdc } = yield* start
          assert.strictEqual(yield* permit({ expiration: 2 ** 40, nonce: 0 }), "success")
          const pair = { token: usdc.address, spender: spender.address }
          assert.strictEqual(yield* statusOf(yield* chain.write(owner, permit2, "lockdown", [[pair]])), "success")
          assert.strictEqual(yield* take(1n), "reverted")
        }))
    })
  })
})
