// What query parsers of Node.js read; see ../README.md. Packages are beside
// the folder in which it is run.
import { createRequire } from 'node:module';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import fs from 'node:fs';
import querystring from 'node:querystring';
import url from 'node:url';

const require = createRequire(process.cwd() + '/');
const version = (name) => {
  const file = JSON.parse(fs.readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  return `${file.name} ${file.version}`;
};

// `-` is nothing, `!` a refusal; a plain value is itself, all else is JSON.
const one = (value) => {
  if (value === undefined || value === null) return '-';
  if (typeof value === 'string' && /^[A-Za-z0-9_-]+$/.test(value)) return value;
  return JSON.stringify(value).slice(0, 60);
};
const all = (values) => (values.length > 1 ? one([...values]) : one(values[0]));
const names = ['tenantid', 'cust_id'];
const fields = (read) => names.map((name) => one(read?.[name]));

const qs = require('qs');
const queryString = (await import(`${process.cwd()}/node_modules/query-string/index.js`)).default;
const fast = require('fast-querystring');

const plain = {
  'node/querystring': [`node ${process.versions.node}`, (q) => fields(querystring.parse(q))],
  'node/url.parse': [`node ${process.versions.node}`, (q) => fields(url.parse('/x?' + q, true).query)],
  'node/URLSearchParams.get': [`node ${process.versions.node}`, (q) => names.map((n) => one(new URLSearchParams(q).get(n)))],
  'node/URLSearchParams.getAll': [`node ${process.versions.node}`, (q) => names.map((n) => all(new URLSearchParams(q).getAll(n)))],
  'node/URL': [`node ${process.versions.node}`, (q) => names.map((n) => one(new URL('http://h/x?' + q).searchParams.get(n)))],
  'node/qs': [version('qs'), (q) => fields(qs.parse(q))],
  'node/qs.dots': [version('qs'), (q) => fields(qs.parse(q, { allowDots: true }))],
  'node/qs.prefix': [version('qs'), (q) => fields(qs.parse(q, { ignoreQueryPrefix: true, charsetSentinel: true, interpretNumericEntities: true }))],
  'node/qs.deep': [version('qs'), (q) => fields(qs.parse(q, { allowDots: true, allowPrototypes: true, allowSparse: true, decodeDotInKeys: true, depth: 0 }))],
  'node/query-string': [version('query-string'), (q) => fields(queryString.parse(q))],
  'node/query-string.bracket': [version('query-string'), (q) => fields(queryString.parse(q, { arrayFormat: 'bracket' }))],
  'node/query-string.index': [version('query-string'), (q) => fields(queryString.parse(q, { arrayFormat: 'index' }))],
  'node/query-string.separator': [version('query-string'), (q) => fields(queryString.parse(q, { arrayFormat: 'bracket-separator' }))],
  'node/fast-querystring': [version('fast-querystring'), (q) => fields(fast.parse(q))],
};

// Servers, without a socket: the request is handed to the listener of each.
const servers = {};
const express = (name, edit) => {
  const app = require(name)();
  edit(app);
  app.disable('x-powered-by');
  app.all(/.*/, (req, res) => res.end(JSON.stringify(fields(req.query))));
  return app;
};
servers['node/express4'] = [version('express4'), express('express4', () => {})];
servers['node/express4.simple'] = [version('express4'), express('express4', (app) => app.set('query parser', 'simple'))];
servers['node/express5'] = [version('express5'), express('express5', () => {})];
servers['node/express5.extended'] = [version('express5'), express('express5', (app) => app.set('query parser', 'extended'))];
const fastify = async (options) => {
  const app = require('fastify')({ ...options });
  app.get('/x', (req, reply) => reply.send(fields(req.query)));
  await app.ready();
  return (req, res) => app.server.emit('request', req, res);
};
servers['node/fastify'] = [version('fastify'), await fastify({})];
servers['node/fastify.qs'] = [version('fastify'), await fastify({ routerOptions: { querystringParser: (text) => qs.parse(text) } })];
const Koa = require('koa');
const koa = new Koa();
koa.silent = true;
koa.use((ctx) => { ctx.body = JSON.stringify(fields(ctx.query)); });
servers['node/koa'] = [version('koa'), koa.callback()];
const hapi = require('@hapi/hapi').server();
hapi.route({ method: 'GET', path: '/x', handler: (req) => fields(req.query) });
await hapi.initialize();
servers['node/hapi'] = [version('@hapi/hapi'), (req, res) => hapi.listener.emit('request', req, res)];
// It gives every request of the process a method `query`, which Express 4 then
// takes for the parsed query: a process of its own.
const alone = process.argv[3] === 'restify';
if (alone) {
  const restify = require('restify');
  for (const id of Object.keys(servers)) delete servers[id];
  for (const id of Object.keys(plain)) delete plain[id];
  for (const [id, options] of [['node/restify', {}], ['node/restify.plain', { plainObjects: true, allowDots: true }]]) {
    const server = restify.createServer();
    server.use(restify.plugins.queryParser(options));
    server.get('/x', (req, res, next) => { res.send(fields(req.query)); next(); });
    servers[id] = [version('restify'), (req, res) => server.server.emit('request', req, res)];
  }
}
const { Hono } = await import(`${process.cwd()}/node_modules/hono/dist/index.js`);
const hono = new Hono();
hono.get('/x', (c) => c.json([names.map((n) => one(c.req.query(n))), names.map((n) => all(c.req.queries(n) ?? [])), names.map((n) => one(c.req.query()[n]))]));

const ask = (listener, method, query, timeout = 2000) => new Promise((resolve) => {
  const socket = new Socket();
  const req = new IncomingMessage(socket);
  Object.assign(req, { method, url: '/x?' + query, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1, headers: { host: 'localhost' } });
  req.push(null);
  const res = new ServerResponse(req);
  let body = '';
  let timer = null;
  const done = () => {
    clearTimeout(timer);
    resolve([res.statusCode, body]);
  };
  res.write = (part) => { body += part ?? ''; return true; };
  res.end = (part, encoding, after) => {
    if (typeof part === 'string' || Buffer.isBuffer(part)) body += part;
    res.finished = true;
    done();
    res.emit('finish');
    if (typeof after === 'function') after();
    return res;
  };
  timer = setTimeout(() => { res.statusCode = 599; done(); }, timeout);
  listener(req, res);
});

// Overrides of the method, each by its own documented way.
const override = require('method-override')('_method');
const overrides = alone ? {} : {
  'node/method-override': [version('method-override'), async (q) => {
    let method = '-';
    await ask((req, res) => override(req, res, () => { method = req.method === 'POST' ? '-' : req.method; res.end(); }), 'POST', q);
    return method;
  }],
};

const out = [];
const versions = {};
for (const [id, [text]] of [...Object.entries(plain), ...Object.entries(servers), ...Object.entries(overrides)]) versions[id] = text;
if (!alone) for (const id of ['node/hono.query', 'node/hono.queries', 'node/hono.all']) versions[id] = version('hono');
out.push(JSON.stringify(versions));
const guard = (id, f) => { try { return f(); } catch { return ['!', '!']; } };
for (const query of fs.readFileSync(process.argv[2], 'utf8').replace(/\n$/, '').split('\n')) {
  const read = {};
  for (const [id, [, parse]] of Object.entries(plain)) read[id] = guard(id, () => parse(query));
  for (const [id, [, listener]] of Object.entries(servers)) {
    const [status, body] = await ask(listener, 'GET', query);
    if (status === 599) throw new Error(`${id} does not answer: ${query}`);
    read[id] = status === 200 ? JSON.parse(body) : ['!', '!'];
  }
  if (alone) {
    out.push(JSON.stringify({ names: read, method: {} }));
    continue;
  }
  const answer = await hono.fetch({ url: 'http://localhost/x?' + query, method: 'GET', headers: new Headers() });
  const [first, every, whole] = answer.status === 200 ? await answer.json() : [['!', '!'], ['!', '!'], ['!', '!']];
  read['node/hono.query'] = first;
  read['node/hono.queries'] = every;
  read['node/hono.all'] = whole;
  const method = {};
  for (const [id, [, run]] of Object.entries(overrides)) method[id] = await run(query);
  out.push(JSON.stringify({ names: read, method }));
}
fs.writeSync(1, out.join('\n') + '\n');
process.exit(0);
