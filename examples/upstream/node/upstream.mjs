// A toy upstream: it answers which tenants an answer may hold.
//
//     node upstream.mjs PORT URL-OF-THE-KEY-SET ISSUER AUDIENCE

import { createServer } from 'node:http'
import { createLocalJWKSet } from 'jose'
import { Refused, read, tenantsOf } from './portcullis_decision.mjs'

const [port, keySet, issuer, audience] = process.argv.slice(2)
const keys = createLocalJWKSet(await (await fetch(keySet)).json())

const server = createServer(async (request, response) => {
  let status, body
  try {
    const claims = await read(request.rawHeaders, request.method, request.url, { keys, issuer, audience })
    status = 200
    body = { user: claims.sub ?? null, tenants: tenantsOf(claims) }
  } catch (why) {
    if (!(why instanceof Refused)) throw why
    console.error(`refused: ${why.message}`)
    status = 403
    body = { error: 'refused' }
  }
  const text = JSON.stringify(body)
  const length = Buffer.byteLength(text)
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': length }).end(text)
})
server.listen(Number(port), '127.0.0.1', () => console.log(server.address().port))
