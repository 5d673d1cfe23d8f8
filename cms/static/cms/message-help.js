// Keeps the help beside a message's texts up with what is typed. Without it the page shows the state
// at the last save. What is typed goes into the body of a request, never into an address.
(() => {
  "use strict";
  const WAIT = 250;

  const start = () => {
    const root = document.querySelector("[data-help-root]");
    const form = root && root.closest("form");
    if (!form) return;
    const status = form.querySelector("[data-help-status]");
    let timer = 0;
    let running = null;

    const put = (name, html) => {
      const piece = form.querySelector(`[data-help="${name}"]`);
      if (!piece || piece.dataset.html === html) return;
      piece.dataset.html = html;
      // A reason that is being written stays, and so does the cursor in it.
      const typed = new Map([...piece.querySelectorAll("input")].map((box) => [box.name, box.value]));
      const open = Boolean(piece.querySelector("details[open]"));
      const held = piece.contains(document.activeElement) ? document.activeElement : null;
      const cursor = held && [held.name, held.selectionStart, held.selectionEnd];
      piece.innerHTML = html;
      piece.querySelectorAll("input").forEach((box) => {
        if (typed.has(box.name)) box.value = typed.get(box.name);
      });
      const details = piece.querySelector("details");
      if (details) details.open = open;
      const again = cursor && cursor[0] && piece.querySelector(`[name="${cursor[0]}"]`);
      if (again) {
        again.focus();
        again.setSelectionRange(cursor[1], cursor[2]);
      }
    };

    const ask = async () => {
      if (running) running.abort();
      running = new AbortController();
      const body = new FormData(form);
      body.append("help-page", root.dataset.page);
      body.append("help-parent", root.dataset.parent);
      try {
        const headers = { "X-Requested-With": "XMLHttpRequest" };
        const answer = await fetch(root.dataset.url, { method: "POST", body, headers, signal: running.signal });
        if (!answer.ok) return;
        const told = await answer.json();
        Object.entries(told.html).forEach(([name, html]) => put(name, html));
        if (status.textContent !== told.summary) status.textContent = told.summary;
      } catch (error) {
        if (error.name !== "AbortError") root.dataset.failed = "true";
      }
    };

    const later = (event) => {
      // A reason changes nothing that the linter says.
      if (event && event.target.name && event.target.name.startsWith("reason-")) return;
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    };
    form.addEventListener("input", later);
    form.addEventListener("change", later);

    form.querySelectorAll(".wm-choices [data-field-input]").forEach((frame) => {
      frame.dataset.search = root.dataset.search;
      addFilter(frame);
    });
    form.addEventListener("click", (event) => {
      const link = event.target.closest("[data-help-box]");
      if (link) open(event, link.dataset.helpBox);
    });
  };

  // Puts a search box above a long list of things to tick. What is ticked always stays in sight.
  const addFilter = (frame) => {
    const rows = [...frame.querySelectorAll("label")].map((label) => label.parentElement);
    if (rows.length < 8) return;
    const box = document.createElement("input");
    box.type = "search";
    box.className = "wm-filter";
    box.setAttribute("aria-label", frame.dataset.search || "");
    box.placeholder = frame.dataset.search || "";
    box.addEventListener("input", (event) => {
      event.stopPropagation();
      const wanted = box.value.trim().toLowerCase();
      rows.forEach((row) => {
        const isChosen = row.querySelector("input").checked;
        row.hidden = !isChosen && !row.textContent.toLowerCase().includes(wanted);
      });
    });
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
    frame.prepend(box);
  };

  // Leads to a box, also where its panel is closed.
  const open = (event, name) => {
    const box = document.getElementById(`id_${name}`) || document.querySelector(`[name="${name}"]`);
    if (!box) return;
    event.preventDefault();
    const panel = box.closest("[data-panel]");
    const toggle = panel && panel.querySelector("[data-panel-toggle][aria-expanded=false]");
    if (toggle) toggle.click();
    box.scrollIntoView({ block: "center" });
    const target = box.matches("input,textarea,select") ? box : box.querySelector("input,button,a");
    if (target) target.focus({ preventScroll: true });
  };

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
