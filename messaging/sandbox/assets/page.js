// Look every two seconds whether the live part of the page has changed, and show it if so.
const live = document.querySelector("[data-live]");
const scroller = document.querySelector("[data-scroll]");
const toEnd = () => { if (scroller) scroller.scrollTop = scroller.scrollHeight; };
const address = new URL(location.href);
address.searchParams.set("part", "live");
let shown = null;
async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(address, { cache: "no-store" });
    if (!answer.ok) return;
    const html = await answer.text();
    if (shown !== null && html !== shown && !live.contains(document.activeElement)) {
      const atEnd = scroller && scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
      live.innerHTML = html;
      if (atEnd) toEnd();
    }
    if (!live.contains(document.activeElement)) shown = html;
  } catch { /* The sandbox is away; the page keeps what it shows. */ }
}
toEnd();
if (live) { look(); setInterval(look, 2000); }
