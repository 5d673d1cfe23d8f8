/* Dragging a broadcast to another day. Without this file the form behind "Move" does the same. */
"use strict";
(() => {
  const days = document.querySelector("[data-calendar]");
  const form = document.querySelector("form[data-mover]");
  if (!days || !form) return;
  let held = null;
  const dayOf = (event) => event.target.closest("[data-day]");
  const unmark = () => days.querySelectorAll(".over").forEach((day) => day.classList.remove("over"));
  days.addEventListener("dragstart", (event) => {
    held = event.target.closest("[data-move]");
    if (held) event.dataTransfer.effectAllowed = "move";
  });
  days.addEventListener("dragover", (event) => {
    const day = dayOf(event);
    if (!held || !day) return;
    event.preventDefault();
    unmark();
    day.classList.add("over");
  });
  days.addEventListener("dragend", () => { unmark(); held = null; });
  days.addEventListener("drop", (event) => {
    const day = dayOf(event);
    if (!held || !day) return;
    event.preventDefault();
    if (day === held.closest("[data-day]")) return;
    const sendAt = `${day.dataset.day}T${held.dataset.time}`;
    if ("voids" in held.dataset) {
      // What was approved is moved only after a look at what that means.
      const asked = new URLSearchParams({
        send_at: sendAt, shown: held.dataset.shown, back: form.elements.back.value,
      });
      location.assign(`${held.dataset.move}?${asked}`);
      return;
    }
    form.action = held.dataset.move;
    form.elements.send_at.value = sendAt;
    form.elements.shown.value = held.dataset.shown;
    form.submit();
  });
})();
