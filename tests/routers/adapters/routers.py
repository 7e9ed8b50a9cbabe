#!/usr/bin/env python3
"""Which handler routers of Python pick; see ../README.md."""
import asyncio
import io
import json
import logging
import re
import sys
import urllib.parse
from importlib.metadata import version

logging.disable(logging.CRITICAL)
scenarios = json.load(open(sys.argv[1]))


def spell(route, parameter, tail):
    """The route in a router's own syntax."""

    def one(found):
        name = found[1]
        return tail(name[:-3]) if name.endswith("...") else parameter(name)

    return re.sub(r"\{([^}]*)\}", one, route)


def by_status(status, body):
    code = int(str(status)[:3])
    if 300 <= code < 400:
        return ">"
    if code in (404, 405):
        return "-"
    return body if code == 200 and re.fullmatch("[0-9]", body) else "!"


def wsgi(make):
    """As the servers of WSGI do: the path is decoded once, its bytes as latin-1."""

    def ask(routes):
        app = make(routes)

        def one(path):
            environ = {
                "REQUEST_METHOD": "GET",
                "SCRIPT_NAME": "",
                "PATH_INFO": urllib.parse.unquote_to_bytes(path).decode("latin-1"),
                "REQUEST_URI": path,
                "RAW_URI": path,
                "QUERY_STRING": "",
                "SERVER_NAME": "localhost",
                "SERVER_PORT": "80",
                "HTTP_HOST": "localhost",
                "SERVER_PROTOCOL": "HTTP/1.1",
                "wsgi.version": (1, 0),
                "wsgi.url_scheme": "http",
                "wsgi.input": io.BytesIO(),
                "wsgi.errors": io.StringIO(),
                "wsgi.multithread": False,
                "wsgi.multiprocess": False,
                "wsgi.run_once": False,
            }
            seen = []
            body = b"".join(app(environ, lambda status, headers, *rest: seen.append(status)))
            return by_status(seen[-1], body.decode("utf-8", "replace"))

        return one

    return ask


def asgi(make):
    """As the servers of ASGI do: the path is decoded once, as UTF-8."""

    def ask(routes):
        app = make(routes)

        def one(path):
            scope = {
                "type": "http",
                "asgi": {"version": "3.0"},
                "http_version": "1.1",
                "method": "GET",
                "scheme": "http",
                "path": urllib.parse.unquote(path),
                "raw_path": path.encode(),
                "query_string": b"",
                "root_path": "",
                "headers": [(b"host", b"localhost")],
                "client": ("127.0.0.1", 1),
                "server": ("127.0.0.1", 80),
            }
            out = {"body": b""}

            async def receive():
                return {"type": "http.request", "body": b"", "more_body": False}

            async def send(message):
                if message["type"] == "http.response.start":
                    out["status"] = message["status"]
                else:
                    out["body"] += message.get("body", b"")

            asyncio.run(app(scope, receive, send))
            return by_status(out["status"], out["body"].decode().strip('"'))

        return one

    return ask


def flask(**options):
    def make(routes):
        from flask import Flask

        app = Flask("routers", static_folder=None)
        app.url_map.strict_slashes = options.get("strict_slashes", True)
        for number, route in enumerate(routes):
            path = spell(route, lambda name: f"<{name}>", lambda name: f"<path:{name}>")
            app.add_url_rule(path, str(number), lambda number=number, **_: str(number))
        return app

    return make


def django(routes):
    import types

    from django.conf import settings

    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["*"], MIDDLEWARE=["django.middleware.common.CommonMiddleware"], SECRET_KEY="x", ROOT_URLCONF="routes")
        import django

        django.setup()
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import HttpResponse
    from django.urls import clear_url_caches, path

    module = types.ModuleType("routes")
    module.urlpatterns = [
        path(
            spell(route, lambda name: f"<{name}>", lambda name: f"<path:{name}>")[1:],
            lambda request, number=number, **_: HttpResponse(str(number)),
        )
        for number, route in enumerate(routes)
    ]
    sys.modules["routes"] = module
    clear_url_caches()
    return WSGIHandler()


def bottle(routes):
    import bottle

    app = bottle.Bottle()
    for number, route in enumerate(routes):
        # A raw `:` begins a parameter of its older syntax.
        path = spell(route.replace(":", "\\:"), lambda name: f"<{name}>", lambda name: f"<{name}:path>")
        app.route(path, callback=lambda number=number, **_: str(number))
    return app


def falcon(**options):
    def make(routes):
        import falcon

        app = falcon.App()
        app.req_options.strip_url_path_trailing_slash = options.get("strip", False)

        class Handler:
            def __init__(self, number):
                self.number = number

            def on_get(self, req, resp, **_):
                resp.text = str(self.number)

        for number, route in enumerate(routes):
            path = spell(route, lambda name: f"{{{name}}}", lambda name: f"{{{name}:path}}")
            app.add_route(path, Handler(number))
        return app

    return make


def starlette(routes):
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    def handler(number):
        async def handle(request):
            return PlainTextResponse(str(number))

        return handle

    return Starlette(
        routes=[
            Route(spell(route, lambda name: f"{{{name}}}", lambda name: f"{{{name}:path}}"), handler(number))
            for number, route in enumerate(routes)
        ]
    )


def fastapi(routes):
    from fastapi import FastAPI

    app = FastAPI(openapi_url=None)
    for number, route in enumerate(routes):
        path = spell(route, lambda name: f"{{{name}}}", lambda name: f"{{{name}:path}}")

        def handle(number=number):
            async def inner():
                return str(number)

            return inner

        app.get(path)(handle())
    return app


def aiohttp(routes):
    from aiohttp import web
    from aiohttp.test_utils import make_mocked_request

    app = web.Application()

    def handler(number):
        async def handle(request):
            return web.Response(text=str(number))

        return handle

    for number, route in enumerate(routes):
        app.router.add_get(spell(route, lambda name: f"{{{name}}}", lambda name: f"{{{name}:.+}}"), handler(number))

    async def ask(path):
        request = make_mocked_request("GET", path)
        match = await app.router.resolve(request)
        try:
            response = await match.handler(request)
        except web.HTTPException as refusal:
            return by_status(refusal.status, "")
        return by_status(response.status, response.text)

    return lambda path: asyncio.run(ask(path))


def tornado(routes):
    import tornado.httputil
    import tornado.routing

    router = tornado.routing.RuleRouter(
        [
            tornado.routing.Rule(
                tornado.routing.PathMatches(
                    "".join(
                        part if part.startswith("(") else re.escape(part)
                        for part in re.split(r"(\([^)]*\))", spell(route, lambda _: "([^/]+)", lambda _: "(.+)"))
                    )
                ),
                number,
            )
            for number, route in enumerate(routes)
        ]
    )

    def one(path):
        request = tornado.httputil.HTTPServerRequest("GET", path, "HTTP/1.1", headers=tornado.httputil.HTTPHeaders({"Host": "localhost"}), connection=object())
        for rule in router.rules:
            if rule.matcher.match(request) is not None:
                return str(rule.target)
        return "-"

    return one


ROUTERS = {
    "python/flask": (f"flask {version('flask')}", wsgi(flask())),
    "python/flask.lax": (f"flask {version('flask')}", wsgi(flask(strict_slashes=False))),
    "python/django": (f"django {version('django')}", wsgi(django)),
    "python/bottle": (f"bottle {version('bottle')}", wsgi(bottle)),
    "python/falcon": (f"falcon {version('falcon')}", wsgi(falcon())),
    "python/falcon.strip": (f"falcon {version('falcon')}", wsgi(falcon(strip=True))),
    "python/starlette": (f"starlette {version('starlette')}", asgi(starlette)),
    "python/fastapi": (f"fastapi {version('fastapi')}", asgi(fastapi)),
    "python/aiohttp": (f"aiohttp {version('aiohttp')}", aiohttp),
    "python/tornado": (f"tornado {version('tornado')}", tornado),
}


def main():
    print(json.dumps({name: of for name, (of, _) in ROUTERS.items()}))
    for scenario in scenarios:
        answers = {}
        for name, (_, make) in ROUTERS.items():
            try:
                ask = make(scenario["routes"])
            except Exception as error:
                print(name, scenario["name"], repr(error), file=sys.stderr)
                answers[name] = None
                continue
            text = ""
            for path in scenario["paths"]:
                try:
                    text += ask(path)
                except Exception as error:
                    text += "!"
            answers[name] = text
        print(json.dumps(answers))


main()
