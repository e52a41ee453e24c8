// A text to begin with goes into its box; without this file its link brings the page with it.

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-fill]");
  const box = link && document.getElementById(link.dataset.fill);
  if (!box) return;
  event.preventDefault();
  const typed = box.value.trim();
  box.value = typed ? `${typed}\n\n${link.dataset.text}` : link.dataset.text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  link.closest("details").open = false;
  box.focus();
  selectFirstBlank(box);
});

// What stands in [brackets] is for the officer to write.
function selectFirstBlank(box) {
  const found = /\[[^[\]\n]{1,60}\]/.exec(box.value);
  if (found) box.setSelectionRange(found.index, found.index + found[0].length);
}
