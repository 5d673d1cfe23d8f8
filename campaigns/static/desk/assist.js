/* Signing people up with no network. What a person tells is shut at once with the server's public key:
   this phone cannot open it again. It waits in IndexedDB as "box" until it is sent, and is erased then. */
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("assist-data").textContent);
  const words = document.getElementById("assist-words").dataset;
  const at = (id) => document.getElementById(id);
  const form = at("assist-form");
  let language = null;

  // ---- The store: shut boxes and nothing else --------------------------------------------------
  const open = () => new Promise((done, fail) => {
    const asked = indexedDB.open("waymark-assist", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("boxes", { keyPath: "uid" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  const inStore = (mode, act) => open().then((base) => new Promise((done, fail) => {
    const turn = base.transaction("boxes", mode);
    const asked = act(turn.objectStore("boxes"));
    turn.oncomplete = () => { base.close(); done(asked.result); };
    turn.onerror = turn.onabort = () => { base.close(); fail(turn.error); };
  }));
  const keep = (held) => inStore("readwrite", (store) => store.add(held));
  const drop = (uid) => inStore("readwrite", (store) => store.delete(uid));
  const listAll = () => inStore("readonly", (store) => store.getAll());

  // ---- Shutting ----------------------------------------------------------------------------------
  const encode = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
  const decode = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const bytesOf = (uid) => Uint8Array.from(uid.replace(/-/g, "").match(/../g), (pair) => parseInt(pair, 16));
  const drawUid = () => {
    const drawn = crypto.getRandomValues(new Uint8Array(16));
    drawn[6] = (drawn[6] & 15) | 64;
    drawn[8] = (drawn[8] & 63) | 128;
    return [...drawn].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const shut = async (uid, record) => {
    const curve = { name: "ECDH", namedCurve: "P-256" };
    const theirs = decode(data.lock.point);
    const server = await crypto.subtle.importKey("raw", theirs, curve, false, []);
    const own = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
    const point = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey));
    const secret = await crypto.subtle.deriveBits({ name: "ECDH", public: server }, own.privateKey, 256);
    const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
    const salt = new Uint8Array([...point, ...theirs]);
    const info = new TextEncoder().encode("waymark box 1");
    const key = await crypto.subtle.deriveKey(
      { name: "HKDF", hash: "SHA-256", salt, info }, base, { name: "AES-GCM", length: 256 }, false, ["encrypt"]
    );
    const nonce = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt(
      { name: "AES-GCM", iv: nonce, additionalData: bytesOf(uid) },
      key, new TextEncoder().encode(JSON.stringify(record))
    );
    return { key: data.lock.key, point: encode(point), nonce: encode(nonce), sealed: encode(sealed) };
  };

  // ---- Steps -------------------------------------------------------------------------------------
  const steps = [...document.querySelectorAll("[data-step]")];
  const go = (name) => {
    steps.forEach((step) => { step.hidden = step.dataset.step !== name; });
    const head = document.querySelector(`[data-step="${name}"] h2`);
    at("assist-status").textContent = "";
    window.scrollTo(0, 0);
    head.focus();
  };
  const label = (input, text) => {
    const node = document.createElement("label");
    const span = document.createElement("span");
    node.className = "choice";
    span.textContent = text;
    node.append(input, span);
    return node;
  };
  const tick = (kind, name, value) => Object.assign(document.createElement("input"), { type: kind, name, value });
  const speak = (node, text) => {
    node.textContent = text;
    node.lang = language.spoken;
    node.dir = language.direction;
  };

  data.languages.forEach((one) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "second";
    button.lang = one.code;
    button.textContent = one.name;
    button.onclick = () => choose(one);
    at("assist-languages").append(button);
  });
  data.countries.forEach(([code, name]) => at("assist-country").add(new Option(name, code)));
  data.routes.forEach(([code, title, lang]) => {
    const line = label(tick("checkbox", "routes", code), title);
    line.lastChild.lang = lang;
    at("assist-routes").append(line);
  });

  const choose = (one) => {
    language = one;
    speak(at("assist-wording"), one.messages.text);
    speak(at("assist-survey"), one.survey.text);
    speak(at("assist-urgent"), one.urgent.text);
    at("assist-other").hidden = one.code === one.spoken;
    at("assist-other-name").textContent = one.spoken_name;
    at("assist-draft").hidden = !one.draft;
    at("assist-voice").hidden = !one.voice;
    at("assist-read").hidden = !!one.voice;
    if (one.voice) at("assist-sound").src = one.voice;
    go("words");
  };

  const complain = (name, text) => {
    const node = at(`assist-wrong-${name}`);
    node.textContent = text;
    return Boolean(text);
  };
  const picked = (name) => [...form.querySelectorAll(`input[name=${name}]:checked`)].map((box) => box.value);
  // Digits of any script become plain ones; all else that may stand in a number is left out.
  const plain = (text) => [...text.normalize("NFKC")].map((sign) => {
    if (/\p{Nd}/u.test(sign)) {
      let zero = sign.codePointAt(0);
      while (zero && /\p{Nd}/u.test(String.fromCodePoint(zero - 1)) && sign.codePointAt(0) - zero < 9) zero -= 1;
      return String(sign.codePointAt(0) - zero);
    }
    return sign;
  }).join("");
  const isNumber = (text) => /^\+?[\d\s().\/-]{6,40}$/.test(text) && text.replace(/\D/g, "").length >= 6;

  at("assist-agreed").onclick = () => {
    const missing = [!form.spoken.checked, !form.adult.checked];
    if (!complain("words", missing.some(Boolean) ? words.needBoth : "")) go("choices");
  };
  at("assist-young").onclick = () => { clear(); go("young"); };
  at("assist-check").onclick = () => {
    const wrong = [
      complain("country", form.country.value ? "" : words.needCountry),
      complain("routes", picked("routes").length ? "" : words.needRoute),
      complain("channel", picked("channel").length ? "" : words.needChannel),
      complain("number", isNumber(plain(form.number.value.trim())) ? "" : words.needNumber),
    ];
    if (wrong.some(Boolean)) return;
    const [, , calling] = data.countries.find(([code]) => code === form.country.value);
    const typed = plain(form.number.value.trim());
    at("assist-shown").textContent = /^(\+|00)/.test(typed) ? typed : `(+${calling}) ${typed}`;
    go("check");
  };
  form.querySelectorAll("[data-back]").forEach((button) => {
    button.onclick = () => go(button.dataset.back);
  });

  const clear = () => {
    form.reset();
    at("assist-shown").textContent = "";
    ["words", "country", "routes", "channel", "number"].forEach((name) => complain(name, ""));
    at("assist-sound").pause();
  };
  form.onsubmit = async (event) => {
    event.preventDefault();
    const save = at("assist-save");
    save.disabled = true;
    try {
      const uid = drawUid();
      const box = await shut(uid, {
        language: language.code,
        country: form.country.value,
        routes: picked("routes"),
        channel: picked("channel")[0],
        number: plain(form.number.value.trim()),
        wording: language.messages.ref,
        survey: form.survey.checked ? language.survey.ref : "",
        urgent: form.urgent.checked ? language.urgent.ref : "",
        spoken: true,
        adult: true,
      });
      await keep({ uid, box, at: Date.now() });
      clear();
      go("saved");
      await count();
      send();
    } catch (_) {
      at("assist-status").textContent = words.notSaved;
    } finally {
      save.disabled = false;
    }
  };
  at("assist-next").onclick = at("assist-next-young").onclick = () => go("language");

  // ---- Sending -----------------------------------------------------------------------------------
  const count = () => listAll().then((held) => {
    at("assist-waiting").textContent = held.length
      ? words.waiting.replace("{count}", held.length) : words.noneWaiting;
    at("assist-send").hidden = !held.length;
    return held;
  });
  const say = (text) => { at("assist-sending").textContent = text; };
  const ask = (path, options) => fetch(path, { credentials: "same-origin", redirect: "error", ...options });

  // One tab after another: two at once would only do the same twice.
  let sending = false;
  const send = async () => {
    if (sending) return;
    sending = true;
    const alone = navigator.locks ? (act) => navigator.locks.request("waymark-assist", act) : (act) => act();
    try {
      await alone(sendAll);
    } catch (_) {
      say(words.noNetwork);
    } finally {
      sending = false;
    }
  };
  const sendAll = async () => {
    const held = await count();
    if (!held.length) return;
    say(words.sending);
    const first = await ask(data.token);
    if (first.status === 401) { say(words.signedOut); at("assist-sign-in").hidden = false; return; }
    if (!first.ok) { say(first.status === 403 ? words.forbidden : words.noNetwork); return; }
    at("assist-sign-in").hidden = true;
    const { token } = await first.json();
    let taken = 0, late = 0;
    for (const one of held) {
      const body = JSON.stringify({ uid: one.uid, box: one.box, age: Math.max(0, Date.now() - one.at) });
      const answer = await ask(data.send, {
        method: "POST", body, headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      });
      const said = answer.headers.get("content-type")?.startsWith("application/json") ? await answer.json() : {};
      if (said.state === "taken") taken += 1;
      else if (said.state === "refused") refuse(one, said.why);
      else if (said.state === "waits") { late += 1; continue; }
      else { say(said.state === "signed_out" ? words.signedOut : words.later); await count(); return; }
      await drop(one.uid);
      await count();
    }
    say(late ? words.later : taken ? words.sent.replace("{count}", taken) : "");
  };
  const refuse = (one, why) => {
    const line = document.createElement("li");
    const time = new Date(one.at).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    line.textContent = `${time}: ${why}`;
    at("assist-refused").append(line);
    at("assist-refusals").hidden = false;
  };

  at("assist-send").onclick = send;
  window.addEventListener("online", send);
  // A phone that was taken away while somebody typed shows nothing when it is brought back.
  window.addEventListener("pageshow", (event) => { if (event.persisted) { clear(); go("language"); } });
  count().then(send, () => say(words.noStore));
  at("assist-start").hidden = false;

  // ---- Kept for when there is no network ---------------------------------------------------------
  if (!("serviceWorker" in navigator) || !window.isSecureContext) return;
  navigator.serviceWorker.register(data.worker).then(() => navigator.serviceWorker.ready).then((ready) => {
    const wire = new MessageChannel();
    wire.port1.onmessage = (event) => { if (event.data) at("assist-kept").hidden = false; };
    const parts = [...document.querySelectorAll("link[rel=stylesheet],script[src]")].map((node) => node.href || node.src);
    const voices = data.languages.map((one) => one.voice).filter(Boolean);
    ready.active.postMessage([location.pathname, ...parts, ...voices], [wire.port2]);
  }).catch(() => 0);
})();
