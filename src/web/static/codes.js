// Search as you type: a list below the search field, by keys or pointer. Without this script the form searches.
"use strict";

const field = document.querySelector("input[data-suggest]");
if (field) {
  const form = field.form;
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Codes");
  field.closest(".finder-field").after(list);
  const said = document.createElement("p");
  said.className = "sr";
  said.setAttribute("role", "status");
  list.after(said);
  Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  }).forEach(([name, value]) => field.setAttribute(name, value));

  let timer, asked = 0, at = -1, last = field.value.trim();
  const options = () => [...list.children];
  const close = () => {
    list.hidden = true;
    at = -1;
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  };
  const choose = (to) => {
    const all = options();
    if (!all.length) return;
    all[at]?.setAttribute("aria-selected", "false");
    at = (to + all.length) % all.length;
    all[at].setAttribute("aria-selected", "true");
    all[at].scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", all[at].id);
  };
  const open = (option) => { location.href = option.dataset.href; };

  async function suggest() {
    const query = field.value.trim();
    if (query === last && !list.hidden) return;
    last = query;
    const turn = ++asked;
    if (query.length < 2) return close();
    const wanted = new URLSearchParams(new FormData(form));
    try {
      const answer = await fetch(`${field.dataset.suggest}?${wanted}`, { headers: { accept: "text/html" } });
      // A slower answer to an older question is no answer any more; neither is one to a field that was left.
      if (turn !== asked || document.activeElement !== field) return;
      if (!answer.ok || answer.redirected) return close();
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (turn !== asked) return;
      list.replaceChildren(...page.querySelectorAll("li"));
      at = -1;
      field.removeAttribute("aria-activedescendant");
      const count = list.children.length;
      list.hidden = !count;
      field.setAttribute("aria-expanded", String(!!count));
      said.textContent = count ? `${count} suggestions` : "No suggestions";
    } catch {
      close();
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(suggest, 120);
  });
  field.addEventListener("keydown", (e) => {
    if (e.key === "Escape" && !list.hidden) close();
    else if (list.hidden) return;
    else if (e.key === "ArrowDown") choose(at + 1);
    else if (e.key === "ArrowUp") choose(at < 0 ? options().length - 1 : at - 1);
    else if (e.key === "Enter" && at >= 0) open(options()[at]);
    else return;
    e.preventDefault();
  });
  list.addEventListener("mousedown", (e) => e.preventDefault());
  list.addEventListener("click", (e) => {
    const option = e.target.closest("[role=option]");
    if (option) open(option);
  });
  field.addEventListener("blur", close);
  form.addEventListener("submit", () => { clearTimeout(timer); asked++; close(); });
}
