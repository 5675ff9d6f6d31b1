// The same relay on socket.io, over WebSockets alone.
import { Server } from "socket.io"

const sockets = new Map()
const server = new Server({ transports: ["websocket"], serveClient: false, maxHttpBufferSize: 1e6 })
server.on("connection", (socket) => {
  const from = socket.handshake.query.id
  sockets.set(from, socket)
  socket.on("disconnect", () => sockets.get(from) === socket && sockets.delete(from))
  socket.on("relay", (to, body) => sockets.get(to)?.emit("relay", from, body))
})
server.listen(Number(process.env.PORT))
