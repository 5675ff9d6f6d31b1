// The signalling server of PeerJS as it is. Clients of the benchmark send no heartbeats.
import { PeerServer } from "peer"

PeerServer({ host: "127.0.0.1", port: Number(process.env.PORT), path: "/", alive_timeout: 3_600_000 })
