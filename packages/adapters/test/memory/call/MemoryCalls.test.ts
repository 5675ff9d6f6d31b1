import { MemoryCallBus, MemoryCalls } from "@dchat/adapters/memory"
import {
  callAppendContract,
  callBusContract,
  callLeasesContract,
  callRacesContract,
  callRepositoryContract,
  finishedCallsContract
} from "@dchat/domain/contracts"
import { Layer } from "effect"
import { callServiceRacesContract } from "../../CallServiceRaces.contract.ts"
import { memoryLayer } from "../../support/StoredCalls.ts"

callBusContract("MemoryCallBus", MemoryCallBus.layer)
callLeasesContract("MemoryCallLeases", MemoryCalls.layer)

const subject = memoryLayer.pipe(Layer.provideMerge(MemoryCalls.layer))

callRepositoryContract("MemoryCallRepository", subject)
callAppendContract("MemoryCallRepository", subject)
callServiceRacesContract("MemoryCallRepository", MemoryCalls.layer)
callRacesContract("MemoryCallRepository", subject)
finishedCallsContract("MemoryFinishedCalls", subject)
