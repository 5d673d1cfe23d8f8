/* The desk works without this file. It keeps states moving, and a button from being pressed twice. */
"use strict";
(() => {
  const unlock = () => document.querySelectorAll("button[data-busy]").forEach((button) => {
    button.disabled = false;
    delete button.dataset.busy;
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-once]")) return;
    // After the browser has taken the form's values: a disabled button would not be among them.
    setTimeout(() => event.target.querySelectorAll("button").forEach((button) => {
      button.disabled = true;
      button.dataset.busy = "";
    }));
  });
  // Coming back with the back button shows the page as it was left, locked buttons included.
  window.addEventListener("pageshow", unlock);

  // A time that is typed means the time is wanted.
  const time = document.querySelector("input[type=datetime-local]");
  const at = document.querySelector("input[name=when][value=at]");
  if (time && at) time.addEventListener("input", () => { at.checked = true; });

  const region = document.querySelector("[data-states]");
  if (!region) return;
  const read = () => region.firstElementChild;
  const shown = read().dataset.state;
  const wait = (seconds) => { if (seconds) setTimeout(refresh, seconds * 1000); };
  const refresh = async () => {
    if (document.hidden) return wait(2);
    try {
      const answer = await fetch(region.dataset.states, { headers: { "X-Requested-With": "fetch" } });
      if (answer.redirected) return location.reload();
      if (!answer.ok) return wait(10);
      const fresh = await answer.text();
      // What somebody has opened stays open, and what she stands on stays where she stands.
      const kept = [...region.querySelectorAll("details[open][data-kept]")].map((one) => one.dataset.kept);
      const held = region.contains(document.activeElement) && document.activeElement.closest("[data-kept]");
      region.innerHTML = fresh;
      region.querySelectorAll("[data-kept]").forEach((one) => {
        one.open = kept.includes(one.dataset.kept);
        if (held && held.dataset.kept === one.dataset.kept) one.querySelector("summary").focus();
      });
    } catch {
      return wait(10);
    }
    // Another step has other buttons.
    if (read().dataset.state !== shown) return location.reload();
    wait(Number(read().dataset.again));
  };
  wait(Number(read().dataset.again));
})();
