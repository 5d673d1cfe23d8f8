// An act of one tap leaves the form. What has been typed and not saved would be lost, so the buttons
// wait until it is saved, and say so.
document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form[data-edit-form]");
  const buttons = form ? form.querySelectorAll("[data-wm-act]") : [];
  if (!buttons.length) return;
  const guard = (event) => {
    if (event.target.closest("[data-wm-act]")) return;
    for (const button of buttons) {
      button.disabled = true;
      button.classList.add("wm-held");
    }
    for (const words of form.querySelectorAll("[data-wm-unsaved]")) words.hidden = false;
    form.removeEventListener("input", guard);
    form.removeEventListener("change", guard);
  };
  form.addEventListener("input", guard);
  form.addEventListener("change", guard);
});
