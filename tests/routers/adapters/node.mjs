// Which handler routers of Node.js pick; see ../README.md. Packages are beside
// the folder in which it is run.
import { createRequire } from 'node:module';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import fs from 'node:fs';

const require = createRequire(process.cwd() + '/');
const version = (name) => {
  const file = JSON.parse(fs.readFileSync(`node_modules/${name}/package.json`, 'utf8'));
  return `${file.name} ${file.version}`;
};
const scenarios = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));

// The routes of a scenario in the router's own syntax.
const spelled = (route, parameter, tail, literal = (text) => text) =>
  route.split(/(\{[^}]*\})/).map((part) => {
    if (!part.startsWith('{')) return literal(part);
    const name = part.slice(1, -1);
    return name.endsWith('...') ? tail(name.slice(0, -3)) : parameter(name);
  }).join('');
const colon = (name) => `:${name}`;
const escapeColons = (text) => text.replaceAll(':', '\\:');

const express = (name, tail) => async (routes, options = {}) => {
  const { Router, ...rest } = require(name);
  const app = require(name)();
  app.disable('x-powered-by');
  for (const [option, value] of Object.entries(options)) app.set(option, value);
  routes.forEach((route, number) => {
    app.get(spelled(route, colon, tail, escapeColons), (req, res) => res.end(String(number)));
  });
  app.use((err, req, res, next) => { res.statusCode = err.status || 500; res.end(); });
  return app;
};
const express4 = express('express4', (name) => `:${name}(*)`);
const express5 = express('express5', (name) => `*${name}`);

const fastify = async (routes, options) => {
  const app = require('fastify')({ routerOptions: options });
  routes.forEach((route, number) => {
    const path = spelled(route, colon, () => '*', (text) => text.replaceAll(':', '::'));
    app.get(path, (req, reply) => reply.send(String(number)));
  });
  await app.ready();
  return (req, res) => app.server.emit('request', req, res);
};

const koa = (name, tail) => async (routes) => {
  const Koa = require('koa');
  const loaded = require(name);
  const Router = loaded.default ?? loaded;
  const router = new Router();
  routes.forEach((route, number) => {
    router.get(spelled(route, colon, tail, escapeColons), (ctx) => { if (ctx.body === undefined) ctx.body = String(number); });
  });
  const app = new Koa();
  app.silent = true;
  return app.use(router.routes()).callback();
};

const hapi = async (routes) => {
  const server = require('@hapi/hapi').server();
  routes.forEach((route, number) => {
    const path = spelled(route, (name) => `{${name}}`, (name) => `{${name}*}`);
    server.route({ method: 'GET', path, handler: () => String(number) });
  });
  await server.initialize();
  return (req, res) => server.listener.emit('request', req, res);
};

const hono = (router) => async (routes) => {
  const { Hono } = require('hono');
  const app = router ? new Hono({ router: new (require(`hono/router/${router[0]}`)[router[1]])() }) : new Hono();
  if (routes.some((route) => route.includes('...}/'))) throw new Error('a tail between others is one segment');
  routes.forEach((route, number) => {
    // It has no affixes but as expressions of a whole segment.
    const path = route.split('/').map((part) => {
      const affixed = /^([^{]*)\{([^}.]*)\}(.*)$/.exec(part);
      if (!affixed) return spelled(part, colon, (name) => `:${name}{.+}`);
      const [, before, name, behind] = affixed;
      const quote = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return before || behind ? `:${name}{${quote(before)}[^/]+${quote(behind)}}` : `:${name}`;
    }).join('/');
    app.get(path, (c) => c.text(String(number)));
  });
  return async (req, res) => {
    // As its server for Node.js makes the address.
    const answer = await app.fetch(new Request(new URL('http://localhost' + req.url)));
    res.statusCode = answer.status;
    res.end(await answer.text());
  };
};

const routers = {
  'node/express4': [version('express4'), express4],
  'node/express4.strict': [version('express4'), (routes) => express4(routes, { 'strict routing': true, 'case sensitive routing': true })],
  'node/express5': [version('express5'), express5],
  'node/express5.strict': [version('express5'), (routes) => express5(routes, { 'strict routing': true, 'case sensitive routing': true })],
  'node/fastify': [version('fastify'), (routes) => fastify(routes, {})],
  'node/fastify.lax': [version('fastify'), (routes) => fastify(routes, { caseSensitive: false, ignoreTrailingSlash: true, ignoreDuplicateSlashes: true })],
  'node/koa': [version('@koa/router'), koa('@koa/router', (name) => `*${name}`)],
  'node/hapi': [version('@hapi/hapi'), hapi],
  'node/hono': [version('hono'), hono()],
  'node/hono.trie': [version('hono'), hono(['trie-router', 'TrieRouter'])],
};

const ask = (listener, url) => new Promise((resolve) => {
  const req = new IncomingMessage(new Socket());
  Object.assign(req, { method: 'GET', url, headers: { host: 'localhost' }, httpVersion: '1.1', httpVersionMajor: 1, httpVersionMinor: 1 });
  req.push(null);
  const res = new ServerResponse(req);
  const chunks = [];
  const done = () => {
    const text = Buffer.concat(chunks).toString();
    const code = res.statusCode;
    if (code >= 300 && code < 400) return resolve('>');
    if (code === 404 || code === 405) return resolve('-');
    resolve(code === 200 && /^[0-9]$/.test(text) ? text : '!');
  };
  res.write = (chunk) => { chunks.push(Buffer.from(chunk)); return true; };
  res.end = (chunk) => { if (chunk) chunks.push(Buffer.from(chunk)); done(); return res; };
  try {
    const result = listener(req, res);
    if (result?.catch) result.catch(() => resolve('!'));
  } catch {
    resolve('!');
  }
});

console.log(JSON.stringify(Object.fromEntries(Object.entries(routers).map(([id, [name]]) => [id, name]))));
for (const { name, routes, paths } of scenarios) {
  const answers = {};
  for (const [id, [, make]] of Object.entries(routers)) {
    let listener;
    try {
      listener = await make(routes);
    } catch (error) {
      if (process.env.ROUTERS_SHOW) console.error(id, name, error.message);
      answers[id] = null;
      continue;
    }
    let text = '';
    for (const path of paths) text += await ask(listener, path);
    answers[id] = text;
  }
  console.log(JSON.stringify(answers));
}
process.exit(0);
