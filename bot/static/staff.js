// Small comforts for the staff page; every page works without this file.

// A chat that stays open shows new messages by itself, and keeps what is being typed.
const lines = document.querySelector("[data-lines]");
const REFRESH_MS = 4000;

async function refresh() {
  if (document.hidden) return;
  try {
    const answer = await fetch(lines.dataset.lines, { redirect: "error" });
    if (answer.status === 410) return void location.reload();
    if (!answer.ok) return;
    const html = await answer.text();
    if (html === lines.dataset.shown) return;
    const atEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 40;
    lines.innerHTML = html; // made by our own template, which escapes what people wrote
    lines.dataset.shown = html;
    if (atEnd) lines.scrollTop = lines.scrollHeight;
  } catch {
    // No network for a moment: the next round tries again.
  }
}

if (lines) {
  lines.scrollTop = lines.scrollHeight;
  setInterval(refresh, REFRESH_MS);
  document.addEventListener("visibilitychange", refresh);
}

// A button that was pressed rests until the page changes, or comes back from the browser's memory.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button) setTimeout(() => (button.disabled = true));
});
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button:disabled")) button.disabled = false;
});
