// What JavaScript adds to the pages: keys, a live preview, a guard against lost text. All works without it.
"use strict";

const typing = (e) => e.target.closest("input, textarea, select, dialog") || e.ctrlKey || e.metaKey || e.altKey;

// The queue: j and k move, Enter opens.
const rows = [...document.querySelectorAll("[data-row]")];
let here = -1;
function go(to) {
  if (!rows.length) return;
  rows[here]?.classList.remove("here");
  here = Math.max(0, Math.min(rows.length - 1, to));
  rows[here].classList.add("here");
  rows[here].querySelector("a").focus({ preventScroll: true });
  rows[here].scrollIntoView({ block: "nearest" });
}
rows.forEach((row) => row.addEventListener("click", (e) => {
  if (!e.target.closest("a, button") && !String(getSelection())) row.querySelector("a").click();
}));

// Every other key stands on its button or link as data-key. Nothing is sent by a single key: buttons are focused,
// and Enter presses them.
const names = {};
document.querySelectorAll("[data-key]").forEach((el) => {
  names[el.dataset.key] = el.textContent.trim();
  el.title = el.title || `Key: ${el.dataset.key}`;
});

function help() {
  const dialog = document.createElement("dialog");
  const list = document.createElement("dl");
  const add = (key, what) => {
    const [dt, dd, kbd] = ["dt", "dd", "kbd"].map((n) => document.createElement(n));
    kbd.textContent = key;
    dt.append(kbd);
    dd.textContent = what;
    list.append(dt, dd);
  };
  if (rows.length) { add("j", "next case"); add("k", "case before"); add("Enter", "open the case"); }
  Object.entries(names).forEach(([key, what]) => add(key, what));
  add("g", "queue");
  const head = document.createElement("h2");
  head.textContent = "Keys";
  dialog.append(head, list);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", () => dialog.close());
  dialog.showModal();
}

document.addEventListener("keydown", (e) => {
  if (typing(e)) return;
  if (e.key === "j") go(here + 1);
  else if (e.key === "k") go(here - 1);
  else if (e.key === "g") location.href = "/queue";
  else if (e.key === "?") help();
  else {
    const el = document.querySelector(`[data-key="${CSS.escape(e.key)}"]`);
    if (!el) return;
    if (el.tagName === "A") el.click(); else el.focus();
  }
  e.preventDefault();
});

// Editing: the preview follows the text, and leaving with unsaved text asks first.
const editor = document.getElementById("editor");
if (editor) {
  let timer, changed = false;
  const preview = () => {
    const button = editor.querySelector("[formtarget=preview]");
    editor.requestSubmit(button);
  };
  editor.addEventListener("input", () => {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(preview, 700);
  });
  editor.addEventListener("submit", (e) => {
    if (e.submitter?.name === "do") changed = false;
  });
  addEventListener("beforeunload", (e) => { if (changed) e.preventDefault(); });
}

// A button that was pressed is not pressed twice.
document.querySelectorAll("form").forEach((form) => form.addEventListener("submit", (e) => {
  if (e.submitter?.formTarget === "preview") return;
  if (form.dataset.sent) e.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 4000);
}));
