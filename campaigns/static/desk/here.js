/* Says every few minutes that somebody is typing, so that nobody is signed out in the middle of a form. */
"use strict";
(() => {
  const PAUSE = 5 * 60 * 1000;
  let said = Date.now();
  const say = () => {
    if (Date.now() - said < PAUSE) return;
    said = Date.now();
    fetch("/accounts/here/").catch(() => {});
  };
  for (const sign of ["keydown", "pointerdown"]) addEventListener(sign, say, { passive: true });
})();
