import { MemoryIdempotencyKeys } from "@dchat/adapters/memory"
import { idempotencyKeysContract } from "@dchat/domain/contracts"

idempotencyKeysContract("MemoryIdempotencyKeys", MemoryIdempotencyKeys.layer)
