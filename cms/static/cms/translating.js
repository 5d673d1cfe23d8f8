// Puts what the original says below the field that it is to be translated in. Without it, all of the
// original stands in the panel of languages.
document.addEventListener("DOMContentLoaded", () => {
  for (const box of document.querySelectorAll("[data-original-of]")) {
    const name = box.dataset.originalOf;
    const field = document.querySelector(`[name="${name}"], [name="${name}-count"]`);
    const place = field && (field.closest("[data-field]") || field.closest("[data-contentpath]"));
    if (!place) continue;
    box.querySelector("[data-original-label]").remove();
    place.append(box);
  }
  for (const all of document.querySelectorAll(".wm-original-all")) {
    if (!all.querySelector("[data-original-of]")) all.remove();
  }
});
