// Small comforts for the staff page; every page works without this file.

// A button that was pressed rests until the page changes, or comes back from the browser's memory.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  const stays = event.target.hasAttribute("data-stays"); // its answer is a file, or no page at all
  if (button && !stays) setTimeout(() => (button.disabled = !event.defaultPrevented));
});
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button:disabled")) button.disabled = false;
});
