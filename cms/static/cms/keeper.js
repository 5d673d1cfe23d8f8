"use strict";
// Keeps the routes that a reader asked to keep, and nothing else. Her phone asks the network first;
// where that fails or dallies, a kept page is shown as kept, with its date.
//
// One cache holds one route in one language: "kept-1 <path of the route> <when it was filled>". It
// counts from the moment its list stands in it, and the list is put last: a fill that was cut off
// counts for nothing and is swept away.
const VERSION = "kept-1";
const PATIENCE = 4000;
const HOUR = 3600000;

const fills = new Map();
let swept = null;

const routeOf = (name) => name.split(" ")[1];
const listOf = (name) => routeOf(name) + "kept.json";
const namesOfOurs = () => caches.keys().then((names) => names.filter((name) => /^kept-/.test(name)));
const read = (cache, path) => cache.match(path, { ignoreVary: true });
const isGone = (answer) => answer.status === 404 || answer.status === 410;
const stop = (why) => { throw new Error(why); };
const ask = (path) => fetch(new Request(path, { cache: "no-cache", credentials: "omit" }));

// ---- What is kept -------------------------------------------------------------------------------

const holders = () => namesOfOurs().then((names) => Promise.all(names.map((name) =>
  caches.open(name).then((cache) => read(cache, listOf(name)).then((list) => (
    { name, cache, list, route: routeOf(name), at: Number(name.split(" ")[2]) }
  )))
))).then((all) => all.filter((held) => held.list));

const find = (path) => holders().then((all) => Promise.all(all.map((held) =>
  read(held.cache, path).then((copy) => copy && Object.assign({ copy }, held))
))).then((found) => found.filter(Boolean));

const sweep = () => Promise.all([namesOfOurs(), holders()]).then(([names, whole]) => {
  const good = new Set(whole.map((held) => held.name));
  const busy = (name) => fills.has(routeOf(name));
  return Promise.all(names.filter((n) => !good.has(n) && !busy(n)).map((n) => caches.delete(n)));
});

const retire = () => namesOfOurs().then((names) => names.length || self.registration.unregister());

const forget = (path) => find(path).then((found) => Promise.all(found.map((held) =>
  // Where the route itself was taken down, nothing of it may be read on.
  held.route === path ? caches.delete(held.name) : held.cache.delete(path, { ignoreVary: true })
))).then(retire);

// ---- Keeping: all of a route or nothing ------------------------------------------------------------

const copyUnchanged = (files, old, cache) => {
  if (!old) return Promise.resolve(files);
  return old.list.clone().json().then((list) => {
    const had = new Map(list.files.map(([path, , digest]) => [path, digest]));
    return Promise.all(files.map((file) => {
      if (had.get(file[0]) !== file[2]) return file;
      return read(old.cache, file[0]).then((copy) => (copy ? cache.put(file[0], copy) : file));
    }));
  }).then((left) => left.filter(Boolean));
};

const digest = (answer) => answer.arrayBuffer()
  .then((bytes) => crypto.subtle.digest("SHA-256", bytes))
  .then((found) => Array.from(new Uint8Array(found), (byte) => `0${byte.toString(16)}`.slice(-2)).join(""));

// Gives back what is not yet as the list says: the edge of a host can be behind its list.
const fetchAll = (files, cache) => Promise.all(files.map((file) => ask(file[0]).then((answer) => {
  if (!answer.ok || answer.redirected) stop(file[0]);
  const copy = answer.clone();
  return cache.put(file[0], answer).then(() => digest(copy))
    .then((found) => (found.indexOf(file[2]) === 0 ? null : file));
}))).then((all) => all.filter(Boolean));

// What is behind stands in the kept list under no digest, and so is asked for again next time.
const listWithout = (behind, told, list) => {
  if (!behind.length) return list;
  behind.forEach((file) => { file[2] = ""; });
  return new Response(JSON.stringify(told), { headers: list.headers });
};

const fillOnce = (route, isAsked) => {
  const name = `${VERSION} ${route} ${Date.now()}`;
  const listPath = route + "kept.json";
  return Promise.all([ask(listPath), find(route)]).then(([list, found]) => {
    const old = found.filter((held) => held.route === route).pop();
    if (isGone(list)) return forget(route).then(() => stop("gone"));
    if (!list.ok) stop("no list");
    return Promise.all([list.clone().json(), caches.open(name)]).then(([told, cache]) =>
      copyUnchanged(told.files, old, cache)
        .then((left) => fetchAll(left, cache))
        // She may have removed it meanwhile.
        .then((behind) => Promise.all([behind, isAsked || (old && caches.has(old.name))]))
        .then(([behind, isWanted]) => (isWanted ? listWithout(behind, told, list) : stop("removed")))
        .then((kept) => cache.put(listPath, kept))
    );
  }).then(namesOfOurs).then((names) => Promise.all(
    names.filter((n) => routeOf(n) === route && n !== name).map((n) => caches.delete(n))
  )).catch((error) => caches.delete(name).then(() => { throw error; }));
};

const fill = (route, isAsked) => {
  if (!fills.has(route)) {
    const done = () => fills.delete(route);
    const filled = fillOnce(route, isAsked);
    fills.set(route, filled);
    filled.then(done, done);
  }
  return fills.get(route);
};

// ---- With a network: what has changed replaces what is kept ------------------------------------------

const learn = (path, answer) => {
  if (isGone(answer)) return forget(path);
  if (!answer.ok || answer.redirected) return undefined;
  return find(path).then((found) => Promise.all(found.map((held) => {
    const age = Date.now() - held.at;
    // The clock of a cheap phone may have been set back.
    const isOld = age > HOUR || age < 0;
    const put = held.cache.put(path, answer.clone());
    return put.then(() => isOld && fill(held.route, false).catch(() => 0));
  })));
};

// ---- Without one ---------------------------------------------------------------------------------------

const escape = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

// As the server writes it: the day before the month.
const writeDay = (time, language) => new Date(time).toLocaleDateString(
  `${language.replace(/^en$/, "en-GB")}-u-ca-gregory-nu-latn`, { day: "numeric", month: "long", year: "numeric" }
);

const markKept = ({ copy, list }) => Promise.all([copy.text(), list.clone().json()])
  .then(([page, { words, language, until }]) => {
    const dates = [copy, list].map((answer) => Date.parse(answer.headers.get("date")) || 0);
    const day = writeDay(Math.max(...dates), language);
    const isLate = until && new Date().toISOString() >= until;
    const line = `<div class="note${isLate ? " late" : ""}" role="status"><p>`
      + `${escape(words.kept.replace("{day}", day))}</p></div>`;
    const body = page.replace(/<main[^>]*>/, (start) => start + line);
    return new Response(body, { status: 200, headers: copy.headers });
  });

const STYLE = ":root{color-scheme:light dark}body{margin:0;font:1.0625rem/1.8 system-ui,sans-serif}"
  + "main{max-width:42rem;margin:0 auto;padding:0 1rem}li a{display:block;padding:.5rem 0}"
  + "#leave{display:block;padding:.5rem 1rem;background:#18211e;color:#faf7f0;font-weight:700;"
  + "text-align:center;text-decoration:none}";
const POLICY = "default-src 'none';style-src 'unsafe-inline';script-src 'self'";

const sayNotKept = (path) => holders()
  .then((all) => Promise.all(all.map((held) => held.list.clone().json())))
  .then((lists) => {
    const folder = (address) => address.split("/")[1];
    const near = lists.filter((list) => folder(list.page) === folder(path))[0] || lists[0];
    if (!near) return Response.error();
    const { words, language, direction, leave } = near;
    const links = lists.map((list) => `<li><a href="${escape(list.page)}" lang="${escape(list.language)}"`
      + ` dir="${escape(list.direction)}">${escape(list.title)}</a></li>`).join("");
    const page = `<!doctype html><html lang="${escape(language)}" dir="${escape(direction)}"><head>`
      + `<meta charset="utf-8"><title>${escape(words.title)}</title>`
      + '<meta name="viewport" content="width=device-width,initial-scale=1">'
      + `<meta name="referrer" content="no-referrer"><style>${STYLE}</style>`
      + `<script src="/reader.js" defer></script></head><body>`
      + `<a id="leave" href="${escape(leave)}" rel="noreferrer">${escape(words.leave)}</a>`
      + `<main id="main"><h1>${escape(words.lost)}</h1><p>${escape(words.have)}</p><ul>${links}</ul></main></body></html>`;
    const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY };
    return new Response(page, { status: 503, headers });
  });

const openPage = (path, fresh) => find(path).then((found) => {
  if (!found.length) return fresh.catch(() => sayNotKept(path));
  const late = new Promise((_, fail) => setTimeout(fail, PATIENCE));
  const good = fresh.then((answer) => { if (answer.status >= 500) throw answer; return answer; });
  return Promise.race([good, late]).catch(() => markKept(found[0]));
});

// ---- Events --------------------------------------------------------------------------------------------

self.addEventListener("install", () => self.skipWaiting());

// What an earlier version kept is kept anew in today's form before it goes.
self.addEventListener("activate", (event) => event.waitUntil(namesOfOurs().then((names) => {
  const older = names.filter((name) => name.indexOf(`${VERSION} `) !== 0);
  return Promise.all(older.map((name) => fill(routeOf(name), true).catch(() => 0)));
})));

self.addEventListener("message", (event) => {
  const answer = (word) => () => event.ports[0].postMessage(word);
  event.waitUntil(fill(event.data, true).then(answer(true), answer(false)));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname === "/reader.js") {
    event.respondWith(find(url.pathname).then((found) => (found.length ? found[0].copy : fetch(request))));
  }
  if (request.mode !== "navigate") return;
  const path = url.search ? "" : url.pathname;
  const fresh = fetch(request);
  swept = swept || sweep();
  // Said in this order, so that the answer is copied before the page takes it.
  event.waitUntil(Promise.all([swept, fresh.then((answer) => learn(path, answer.clone()))]).catch(() => 0));
  event.respondWith(openPage(path, fresh));
});
