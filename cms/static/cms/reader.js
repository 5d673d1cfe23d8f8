"use strict";
// What a script adds to a page: leaving at once, keeping, sharing. No page needs it.
(() => {
  const d = document, nav = navigator;
  const each = (query, act) => [].forEach.call(d.querySelectorAll(query), act);

  const exit = d.getElementById("leave");
  const leave = (event) => {
    event.preventDefault();
    each("audio", (sound) => sound.pause());
    // On a slow network the page would stay in sight until the next one answers.
    d.documentElement.style.display = "none";
    try { history.replaceState(null, "", "/"); } catch (_) { /* a page from a file */ }
    location.replace(exit.href);
  };
  if (exit) {
    exit.addEventListener("click", leave);
    d.addEventListener("keydown", (event) => { if (/^Esc/.test(event.key)) leave(event); });
  }

  const can = { keep: "serviceWorker" in nav && "caches" in window, share: !!nav.share };
  each("[data-js]", (node) => { node.hidden = can[node.dataset.js] === false; });
  each("[data-without]", (node) => { node.hidden = can[node.dataset.without]; });
  each("[data-js=share]", (node) => {
    node.onclick = () => nav.share({ text: node.dataset.text, url: node.dataset.url }).catch(() => 0);
  });

  const box = d.querySelector("[data-keep]");
  if (!box || !can.keep) return;
  const [keep, drop, line] = ["keep", "drop", "state"].map((name) => box.querySelector("." + name));
  const path = box.dataset.keep;
  const show = (state, day) => {
    line.textContent = (box.dataset[state] || "").replace("{day}", day);
    keep.disabled = state === "busy";
    keep.textContent = box.dataset[state === "kept" ? "again" : "first"];
    drop.hidden = state !== "kept";
  };
  const look = (state) => caches.match(path + "kept.json").then((list) => {
    if (!list) return show(state);
    const form = { day: "numeric", month: "long", year: "numeric" };
    const tongue = d.documentElement.lang.replace(/^en$/, "en-GB") + "-u-ca-gregory-nu-latn";
    const day = new Date(list.headers.get("date")).toLocaleDateString(tongue, form);
    show("kept", day);
    if (state === "failed") line.textContent = box.dataset.old.replace("{day}", day);
  });
  const remove = (isGone) => caches.keys().then((names) => {
    const gone = names.filter(isGone);
    return Promise.all(gone.map((name) => caches.delete(name))).then(() => gone.length < names.length);
  }).then((some) => some || nav.serviceWorker.getRegistration("/").then((r) => r && r.unregister()));

  // Nothing is registered and nothing is kept before this tap.
  keep.onclick = () => {
    show("busy");
    nav.serviceWorker.register("/keeper.js").then(() => nav.serviceWorker.ready).then(
      (worker) => new Promise((done, fail) => {
        const wire = new MessageChannel();
        wire.port1.onmessage = (event) => (event.data ? done() : fail());
        worker.active.postMessage(path, [wire.port2]);
      })
    ).then(() => look(), () => remove(() => false).then(() => look("failed")));
  };
  drop.onclick = () => remove((name) => name.split(" ")[1] === path).then(() => look("gone"));
  look();
})();
