// Reads the signed decision of portcullis in an upstream (jose).
//
//     npm install jose
//
// A request is refused unless it has exactly one decision, signed by a known key, for
// this upstream, for this method and target, and for this time. Answer 403, and log why.

import { createHash } from 'node:crypto'
import { jwtVerify } from 'jose'

const HEADER = 'portcullis-decision'
const TYPE = 'portcullis-decision+jwt'
const CLAIMS = ['iss', 'aud', 'iat', 'exp', 'jti', 'htm', 'htu_sha256', 'endpoint', 'rel', 'pol', 'cfn']
// Absent at public endpoints.
const IDENTITY = ['sub', 'key']
// Headers by which some servers take another method or target than those of the request.
const REROUTING =
  /^(x-original-.*|x-rewrite-.*|x-http-method-override|x-http-method|x-method-override|x-request-uri|x-http-host-override|x-host)$/

// The request has no decision that can be relied on.
export class Refused extends Error {}

// The claims of the decision about a request.
//
// `rawHeaders` is `request.rawHeaders`: `request.headers` has joined doubled ones. `target`
// is `request.url`: path and query as they arrived. `keys` is the result of
// `createLocalJWKSet` or `createRemoteJWKSet`.
export async function read(rawHeaders, method, target, { keys, issuer, audience }) {
  const decisions = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at].toLowerCase().replace(/[^a-z0-9]/g, '-')
    if (REROUTING.test(name)) throw new Refused('a header that names another target or method')
    if (name === HEADER) decisions.push(rawHeaders[at + 1])
  }
  if (decisions.length !== 1) {
    throw new Refused(decisions.length ? 'several signed decisions' : 'no signed decision')
  }
  let claims
  try {
    // The algorithm belongs to the key. The token never chooses it.
    const verified = await jwtVerify(decisions[0], keys, {
      algorithms: ['EdDSA'], typ: TYPE, issuer, audience, requiredClaims: CLAIMS,
    })
    if (!verified.protectedHeader.kid) throw new Refused('signed with an unknown key')
    claims = verified.payload
  } catch (error) {
    throw error instanceof Refused ? error : new Refused(error.message, { cause: error })
  }
  const known = [...CLAIMS, ...IDENTITY]
  if (claims.aud !== audience || !Object.keys(claims).every((name) => known.includes(name))) {
    throw new Refused('claims that are not those of a decision')
  }
  // `jwtVerify` looks at `iat` only where an age is set.
  if (!Number.isInteger(claims.iat) || claims.iat > Math.floor(Date.now() / 1000)) {
    throw new Refused('a decision from the future')
  }
  if (claims.htm !== method) throw new Refused('a decision about another method')
  if (claims.htu_sha256 !== createHash('sha256').update(target, 'latin1').digest('base64url')) {
    throw new Refused('a decision about another target')
  }
  return claims
}

// The tenants whose data an answer may hold; `null` is every tenant.
export function tenantsOf({ cfn }) {
  if (cfn === 'all') return null
  if (cfn === 'none') return []
  const isName = (name) => typeof name === 'string'
  if (typeof cfn === 'object' && cfn !== null && Object.keys(cfn).length === 1) {
    if (isName(cfn.one)) return [cfn.one]
    if (Array.isArray(cfn.tenants) && cfn.tenants.every(isName)) return cfn.tenants
  }
  // A group: only an upstream that knows its tenants can compare their digest.
  throw new Refused('a confinement that is not understood')
}
