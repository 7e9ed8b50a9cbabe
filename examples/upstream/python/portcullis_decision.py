"""Reads the signed decision of portcullis in an upstream (PyJWT and cryptography).

    pip install 'pyjwt[crypto]'

A request is refused unless it has exactly one decision, signed by a known key, for
this upstream, for this method and target, and for this time. Answer 403, and log why.
"""

import base64
import hashlib
import re

import jwt

HEADER = "portcullis-decision"
TYPE = "portcullis-decision+jwt"
CLAIMS = {"iss", "aud", "iat", "exp", "jti", "htm", "htu_sha256", "endpoint", "rel", "pol", "cfn"}
# Absent at public endpoints.
IDENTITY = {"sub", "key"}
# Headers by which some servers take another method or target than those of the request.
REROUTING = re.compile(
    "x-original-.*|x-rewrite-.*|x-http-method-override|x-http-method|x-method-override"
    "|x-request-uri|x-http-host-override|x-host"
)


class Refused(Exception):
    """The request has no decision that can be relied on."""


def keys_of(key_set):
    """The public keys of a JSON Web Key Set (a dict), by their ids."""
    keys = {}
    for key in key_set["keys"]:
        if key.get("kty") != "OKP" or key.get("crv") != "Ed25519" or key["kid"] in keys:
            raise ValueError("every key must be for Ed25519, with an id of its own")
        keys[key["kid"]] = jwt.PyJWK(key, algorithm="EdDSA").key
    return keys


def read(headers, method, target, *, keys, issuer, audience):
    """The claims of the decision about a request.

    `headers` are pairs of name and value, doubled ones twice. `target` is path and query
    as they arrived, byte for byte: never what a framework has decoded or made of them.
    """
    folded = [(re.sub("[^a-z0-9]", "-", name.lower()), value) for name, value in headers]
    if any(REROUTING.fullmatch(name) for name, _ in folded):
        raise Refused("a header that names another target or method")
    decisions = [value for name, value in folded if name == HEADER]
    if len(decisions) != 1:
        raise Refused("no signed decision" if not decisions else "several signed decisions")
    try:
        head = jwt.get_unverified_header(decisions[0])
        # The algorithm belongs to the key. The token never chooses it.
        if head.get("typ") != TYPE or head.get("alg") != "EdDSA" or "crit" in head:
            raise Refused("a token of another type or algorithm")
        key = keys.get(head.get("kid"))
        if key is None:
            raise Refused("signed with an unknown key")
        claims = jwt.decode(
            decisions[0],
            key,
            algorithms=["EdDSA"],
            issuer=issuer,
            audience=audience,
            options={"require": sorted(CLAIMS), "strict_aud": True},
        )
    except jwt.InvalidTokenError as error:
        raise Refused(str(error)) from error
    if not set(claims) <= CLAIMS | IDENTITY:
        raise Refused("a claim that is not known")
    if claims["htm"] != method:
        raise Refused("a decision about another method")
    digest = base64.urlsafe_b64encode(hashlib.sha256(target.encode("latin-1")).digest())
    if claims["htu_sha256"] != digest.decode().rstrip("="):
        raise Refused("a decision about another target")
    return claims


def tenants_of(claims):
    """The tenants whose data an answer may hold; `None` is every tenant."""
    match claims["cfn"]:
        case "all":
            return None
        case "none":
            return []
        case {"one": str(tenant), **rest} if not rest:
            return [tenant]
        case {"tenants": [*tenants], **rest} if not rest and all(isinstance(own, str) for own in tenants):
            return tenants
        case _:
            # A group: only an upstream that knows its tenants can compare their digest.
            raise Refused("a confinement that is not understood")
