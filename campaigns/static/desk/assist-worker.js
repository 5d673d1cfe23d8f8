"use strict";
// Keeps the one page for signing people up, and what it is made of, so that it opens with no network.
// It holds no answer that names anybody: not the token, not what was sent, not a page to sign in.
const NAME = "assist-1";
const PATIENCE = 4000;
const PAGE = "/desk/assist/";

const isKept = (url) => url.pathname === PAGE || url.pathname.startsWith(`${PAGE}voice/`)
  || url.pathname.startsWith("/static/desk/");

const put = (request, answer) => caches.open(NAME).then((cache) => cache.put(request.url, answer));

// A phone asks for sound in stretches, and some play nothing else.
const cut = (answer, range) => answer.arrayBuffer().then((all) => {
  const [, first, last] = /^bytes=(\d+)-(\d*)/.exec(range) || [];
  const start = Number(first || 0), end = last ? Math.min(Number(last), all.byteLength - 1) : all.byteLength - 1;
  return new Response(all.slice(start, end + 1), {
    status: 206,
    headers: {
      "Content-Type": answer.headers.get("content-type"),
      "Content-Range": `bytes ${start}-${end}/${all.byteLength}`,
    },
  });
});

const fromKept = (request) => caches.match(request.url, { cacheName: NAME, ignoreVary: true })
  .then((answer) => {
    if (!answer) throw new Error("not kept");
    const range = request.headers.get("range");
    return range ? cut(answer, range) : answer;
  });

const fromNetwork = (request) => fetch(request).then((answer) => {
  if (answer.status >= 500) throw new Error("broken");
  if (answer.status === 200 && answer.type === "basic" && !answer.redirected) {
    return put(request, answer.clone()).then(() => answer, () => answer);
  }
  return answer;
});

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (event) => event.waitUntil(
  caches.keys().then((names) => Promise.all(
    names.filter((name) => /^assist-/.test(name) && name !== NAME).map((name) => caches.delete(name))
  )).then(() => self.clients.claim())
));

// The page was loaded before its worker was there: it names what it is made of.
self.addEventListener("message", (event) => event.waitUntil(
  caches.open(NAME).then((cache) => Promise.all(event.data.map((path) =>
    fetch(path).then((answer) => {
      if (answer.ok && !answer.redirected) return cache.put(answer.url, answer);
      throw new Error(path);
    })
  ))).then(() => event.ports[0].postMessage(true), () => event.ports[0].postMessage(false))
));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || !isKept(url)) return;
  const late = new Promise((_, fail) => setTimeout(fail, PATIENCE));
  const fresh = fromNetwork(request);
  event.waitUntil(fresh.catch(() => 0));
  event.respondWith(Promise.race([fresh, late]).catch(() => fromKept(request).catch(() => fresh)));
});
