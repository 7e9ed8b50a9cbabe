"""What query parsers of Python read; see ../README.md."""
import json
import re
import sys
import urllib.parse
import warnings
from importlib.metadata import version

warnings.simplefilter("ignore")
NAMES = ["tenantid", "cust_id"]


def one(value):
    """`-` is nothing; a plain value is itself, all else is JSON."""
    if value is None:
        return "-"
    if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]+", value):
        return value
    return json.dumps(value)[:60]


def all_of(values):
    values = list(values or [])
    return one(values) if len(values) > 1 else one(values[0] if values else None)


def named(read):
    return lambda query: [one(read(query).get(name)) for name in NAMES]


def listed(read, ask):
    def fields(query):
        found = read(query)
        return [all_of(ask(found, name)) for name in NAMES]
    return fields


import django
import django.conf
django.conf.settings.configure()
from django.core.handlers.wsgi import WSGIRequest
from django.http import QueryDict
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request as Werkzeug
import flask
from starlette.datastructures import QueryParams
from yarl import URL
import tornado.httputil
import tornado.web
import bottle
import falcon
import falcon.testing
import webob
import pyramid.request
import io
import sanic.request.parameters
from litestar._parsers import parse_query_string
import fastapi
import fastapi.routing
import asyncio


def environ(query, method="GET"):
    return {
        "REQUEST_METHOD": method, "PATH_INFO": "/x", "SCRIPT_NAME": "", "QUERY_STRING": query, "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr,
    }


application = flask.Flask("x")


def tornado_handler(query):
    connection = type("Connection", (), {"set_close_callback": lambda *a: None, "no_keep_alive": True})()
    request = tornado.httputil.HTTPServerRequest("GET", "/x?" + query, connection=connection)
    handler = tornado.web.RequestHandler(tornado.web.Application(), request)
    return handler


def tornado_one(query):
    handler = tornado_handler(query)
    return [one(handler.get_query_argument(name, None)) for name in NAMES]


def tornado_all(query):
    handler = tornado_handler(query)
    return [all_of(handler.get_query_arguments(name)) for name in NAMES]


def falcon_request(query):
    return falcon.Request(environ(query))


def aiohttp_query(query):
    # As its server does: the target is taken as already encoded.
    return URL.build(path="/x", query_string=query, encoded=True).query


def litestar_query(query):
    read = {}
    for name, value in parse_query_string(query.encode()):
        read.setdefault(name, []).append(value)
    return read


import cgi


def field_storage(query):
    return cgi.FieldStorage(environ=environ(query), keep_blank_values=True)


fast = fastapi.FastAPI()


@fast.get("/x")
def handler(tenantid: str | None = None, cust_id: str | None = None):
    return [one(tenantid), one(cust_id)]


@fast.get("/list")
def handler_list(tenantid: list[str] = fastapi.Query(default=[]), cust_id: list[str] = fastapi.Query(default=[])):
    return [all_of(tenantid), all_of(cust_id)]


async def asgi(path, query):
    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query.encode(), "headers": [],
        "root_path": "", "scheme": "http", "server": ("localhost", 80), "client": ("localhost", 1), "http_version": "1.1", "asgi": {"version": "3.0"},
    }
    answer = {"body": b""}

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        answer["status"] = message.get("status", answer.get("status"))
        answer["body"] += message.get("body", b"")
    await fast(scope, receive, send)
    assert answer["status"] == 200, answer
    return json.loads(answer["body"])


loop = asyncio.new_event_loop()
python = f"python {sys.version.split()[0]}"


def of(name):
    return f"{name} {version(name)}"


PARSERS = {
    "python/parse_qs": (python, listed(lambda q: urllib.parse.parse_qs(q, keep_blank_values=True), lambda r, n: r.get(n))),
    "python/parse_qs.strict": (python, listed(lambda q: urllib.parse.parse_qs(q, strict_parsing=True), lambda r, n: r.get(n))),
    "python/parse_qsl": (python, named(lambda q: dict(urllib.parse.parse_qsl(q)))),
    "python/cgi.getfirst": (python, lambda q: (lambda f: [one(f.getfirst(n)) for n in NAMES])(field_storage(q))),
    "python/cgi.getlist": (python, listed(field_storage, lambda f, n: f.getlist(n))),
    "python/django": (of("django"), named(lambda q: WSGIRequest(environ(q)).GET)),
    "python/django.list": (of("django"), listed(lambda q: QueryDict(q), lambda r, n: r.getlist(n))),
    "python/werkzeug": (of("werkzeug"), named(lambda q: Werkzeug(environ(q)).args)),
    "python/werkzeug.list": (of("werkzeug"), listed(lambda q: Werkzeug(environ(q)).args, lambda r, n: r.getlist(n))),
    "python/werkzeug.values": (of("werkzeug"), named(lambda q: Werkzeug(environ(q)).values)),
    "python/flask": (of("flask"), named(lambda q: application.request_class(environ(q)).args)),
    "python/flask.dict": (of("flask"), named(lambda q: application.request_class(environ(q)).args.to_dict())),
    "python/starlette": (of("starlette"), named(lambda q: QueryParams(q.encode("latin-1")))),
    "python/starlette.list": (of("starlette"), listed(lambda q: QueryParams(q), lambda r, n: r.getlist(n))),
    "python/fastapi": (of("fastapi"), lambda q: loop.run_until_complete(asgi("/x", q))),
    "python/fastapi.list": (of("fastapi"), lambda q: loop.run_until_complete(asgi("/list", q))),
    "python/aiohttp": (of("yarl"), named(aiohttp_query)),
    "python/aiohttp.list": (of("yarl"), listed(aiohttp_query, lambda r, n: r.getall(n, []))),
    "python/yarl": (of("yarl"), named(lambda q: URL("http://h/x?" + q).query)),
    "python/tornado": (of("tornado"), tornado_one),
    "python/tornado.list": (of("tornado"), tornado_all),
    "python/bottle": (of("bottle"), named(lambda q: bottle.BaseRequest(environ(q)).query)),
    "python/bottle.list": (of("bottle"), listed(lambda q: bottle.BaseRequest(environ(q)).query, lambda r, n: r.getall(n))),
    "python/falcon": (of("falcon"), lambda q: (lambda r: [one(r.get_param(n)) for n in NAMES])(falcon_request(q))),
    "python/falcon.list": (of("falcon"), listed(falcon_request, lambda r, n: r.get_param_as_list(n))),
    "python/webob": (of("webob"), named(lambda q: webob.Request(environ(q)).GET)),
    "python/webob.list": (of("webob"), listed(lambda q: webob.Request(environ(q)).GET, lambda r, n: r.getall(n))),
    "python/pyramid": (of("pyramid"), named(lambda q: pyramid.request.Request(environ(q)).params)),
    "python/sanic": (of("sanic"), named(lambda q: sanic.request.parameters.RequestParameters(urllib.parse.parse_qs(q, keep_blank_values=False)))),
    "python/litestar": (of("litestar"), listed(litestar_query, lambda r, n: r.get(n))),
}

print(json.dumps({parser: package for parser, (package, _) in PARSERS.items()}))
import logging
logging.disable(logging.CRITICAL)
for query in open(sys.argv[1]).read().removesuffix("\n").split("\n"):
    read = {}
    for parser, (_, parse) in PARSERS.items():
        try:
            read[parser] = parse(query)
        except Exception:
            read[parser] = ["!", "!"]
    print(json.dumps({"names": read, "method": {}}))
