import { MemoryCallBus, MemoryCalls } from "@dchat/adapters/memory"
import { Layer } from "effect"
import { callAppendContract } from "../../CallAppend.contract.ts"
import { callBusContract } from "../../CallBus.contract.ts"
import { callLeasesContract } from "../../CallLeases.contract.ts"
import { callRacesContract } from "../../CallRaces.contract.ts"
import { callRepositoryContract } from "../../CallRepository.contract.ts"
import { callServiceRacesContract } from "../../CallServiceRaces.contract.ts"
import { memoryLayer } from "../../support/StoredCalls.ts"

callBusContract("MemoryCallBus", MemoryCallBus.layer)
callLeasesContract("MemoryCallLeases", MemoryCalls.layer)

const subject = memoryLayer.pipe(Layer.provideMerge(MemoryCalls.layer))

callRepositoryContract("MemoryCallRepository", subject)
callAppendContract("MemoryCallRepository", subject)
callServiceRacesContract("MemoryCallRepository", MemoryCalls.layer)
callRacesContract("MemoryCallRepository", subject)
