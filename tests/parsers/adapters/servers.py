"""What nginx, its Lua module and HAProxy read; see ../README.md. Both listen
on the loopback only and end with this program."""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

PLAIN = re.compile(r"[A-Za-z0-9_-]+")

NGINX = """
load_module /usr/lib/nginx/modules/ndk_http_module.so;
load_module /usr/lib/nginx/modules/ngx_http_lua_module.so;
daemon off; master_process off; pid {place}/nginx.pid; error_log /dev/null;
events {{ worker_connections 64; }}
http {{
    access_log off; large_client_header_buffers 4 64k;
    client_body_temp_path {place}/a; proxy_temp_path {place}/b; fastcgi_temp_path {place}/c; uwsgi_temp_path {place}/d; scgi_temp_path {place}/e;
    server {{
        listen 127.0.0.1:{port};
        location = /x {{ content_by_lua_block {{
            local function hex(text) return (text:gsub(".", function(c) return string.format("%02x", c:byte()) end)) end
            local function show(value)
                if value == nil then return "-" end
                if value == true then return "true" end
                if type(value) == "string" then return "s" .. hex(value) end
                local parts = {{}}
                for i, part in ipairs(value) do parts[i] = part == true and "true" or "s" .. hex(part) end
                return "t" .. table.concat(parts, ",")
            end
            local args = ngx.req.get_uri_args()
            local own = function(value) return value == "" and "-" or show(value) end
            ngx.print(own(ngx.var.arg_tenantid or ""), " ", own(ngx.var.arg_cust_id or ""), " ", show(args.tenantid), " ", show(args.cust_id))
        }} }}
    }}
}}
"""

HAPROXY = """
global
    tune.bufsize 65536
defaults
    mode http
    timeout client 5s
    timeout connect 5s
    timeout server 5s
frontend all
    bind 127.0.0.1:{port}
    http-request return status 200 content-type text/plain lf-string "%[url_param(tenantid),hex] %[url_param(cust_id),hex]"
"""


def one(value):
    if isinstance(value, str) and PLAIN.fullmatch(value):
        return value
    return json.dumps(value)[:60]


def shown(text):
    if text == "-":
        return "-"
    if text == "true":
        return "true!"
    if text[0] == "t":
        return json.dumps([bytes.fromhex(part[1:]).decode("latin-1") if part[0] == "s" else True for part in text[1:].split(",")])[:60]
    return one(bytes.fromhex(text[1:]).decode("latin-1"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port, query):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(f"GET /x?{query} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
        answer = b""
        while part := connection.recv(65536):
            answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    return body.decode() if re.match(rb"HTTP/1.\d 200", head) else None


def started(command, port):
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(100):
        try:
            ask(port, "")
            return server
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{command[0]} does not start")


def package(name):
    return subprocess.check_output(["dpkg-query", "-W", "-f=${Package} ${Version}", name], text=True)


place = tempfile.mkdtemp()
ports = free_port(), free_port()
for name, text, port in [("nginx", NGINX, ports[0]), ("haproxy", HAPROXY, ports[1])]:
    with open(os.path.join(place, name), "w") as file:
        file.write(text.format(place=place, port=port))
servers = [
    started(["nginx", "-c", f"{place}/nginx", "-p", place], ports[0]),
    started(["haproxy", "-f", f"{place}/haproxy", "-db"], ports[1]),
]
try:
    print(json.dumps({"c/nginx.arg": package("nginx-light"), "lua/nginx.get_uri_args": package("libnginx-mod-http-lua"), "c/haproxy.url_param": package("haproxy")}))
    for query in open(sys.argv[1]).read().removesuffix("\n").split("\n"):
        nginx, haproxy = ask(ports[0], query), ask(ports[1], query)
        nginx = ["!"] * 4 if nginx is None else [shown(text) for text in nginx.split(" ")]
        decoded = [one(bytes.fromhex(text).decode("latin-1")) if text not in ("-", "") else "-" for text in (haproxy or "").split(" ")]
        print(json.dumps({
            "names": {"c/nginx.arg": nginx[:2], "lua/nginx.get_uri_args": nginx[2:], "c/haproxy.url_param": ["!", "!"] if haproxy is None else decoded},
            "method": {},
        }))
finally:
    for server in servers:
        server.terminate()
