"use strict";
// Without this file everything works. With it: suggestions under the box; "/" goes to the box,
// Escape leaves it, arrows go from hit to hit; what is at its default stays out of the address.

const box = document.getElementById("q");
const hits = [...document.querySelectorAll(".hits h2 a")];

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing) return;
  const at = document.activeElement;
  if (event.key === "/" && !at.closest("input, select, textarea")) {
    event.preventDefault();
    box.focus();
    box.select();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    // Elsewhere arrows scroll, or are a field's own.
    if (at !== document.body && at.id !== "main" && !hits.includes(at)) return;
    const next = neighbour(at, event.key === "ArrowDown" ? 1 : -1);
    if (!next) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
    next.closest("li").scrollIntoView({ block: "nearest" });
  }
});

function neighbour(at, step) {
  const index = hits.indexOf(at);
  if (index >= 0) return hits[index + step];
  return step > 0 ? hits.find((hit) => hit.getBoundingClientRect().top >= 0) : undefined;
}

box.form.addEventListener("formdata", ({ formData }) => {
  for (const name of new Set(formData.keys())) {
    const values = formData.getAll(name).filter(Boolean);
    formData.delete(name);
    for (const value of values) formData.append(name, value);
  }
});

// Suggestions: the editable combobox with list autocomplete of the ARIA Authoring Practices Guide.

const PAUSE = 80; // milliseconds without a key before the server is asked
const known = new Map();
const list = Object.assign(document.createElement("ul"), { id: "suggestions", hidden: true });
const told = Object.assign(document.createElement("p"), { className: "unseen" });
let chosen = -1;
let waiting;
let asking = new AbortController();

list.setAttribute("role", "listbox");
list.setAttribute("aria-label", "Suggestions");
told.setAttribute("role", "status");
box.parentElement.append(list, told);
for (const [name, value] of Object.entries({
  role: "combobox",
  "aria-autocomplete": "list",
  "aria-controls": "suggestions",
  "aria-expanded": "false",
})) {
  box.setAttribute(name, value);
}

box.addEventListener("input", () => {
  // What was chosen was chosen for other words.
  choose(-1);
  clearTimeout(waiting);
  waiting = setTimeout(suggest, PAUSE);
});
box.addEventListener("blur", close);
box.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) {
    event.preventDefault();
    if (list.hidden) suggest();
    // From the box to either end, and back to it.
    else choose(((chosen + 1 + step + list.children.length + 1) % (list.children.length + 1)) - 1);
  } else if (event.key === "Enter" && chosen >= 0) {
    event.preventDefault();
    take(list.children[chosen]);
  } else if (event.key === "Escape") {
    event.preventDefault();
    if (list.hidden) box.blur();
    else close();
  }
});
// The box keeps the focus while one is clicked.
list.addEventListener("mousedown", (event) => event.preventDefault());
list.addEventListener("click", (event) => {
  const option = event.target.closest("li");
  if (option) take(option);
});

async function suggest() {
  const text = box.value.trim();
  clearTimeout(waiting);
  asking.abort();
  if (text.length < 2) return close();
  asking = new AbortController();
  try {
    show(known.get(text) ?? (await ask(text, asking.signal)));
  } catch (error) {
    // Nobody to ask: the box works without. Another key was pressed: see there.
    if (error.name !== "AbortError") close();
  }
}

async function ask(text, signal) {
  const answer = await fetch(`/v1/suggest?q=${encodeURIComponent(text)}&limit=8`, { signal });
  if (!answer.ok) throw new Error(answer.status);
  const { suggestions } = await answer.json();
  if (known.size > 200) known.clear();
  known.set(text, suggestions);
  return suggestions;
}

function show(suggestions) {
  close();
  if (document.activeElement !== box) return;
  list.replaceChildren(...suggestions.map(option));
  list.hidden = suggestions.length === 0;
  box.setAttribute("aria-expanded", String(!list.hidden));
  const count = suggestions.length || "No";
  told.textContent = `${count} suggestion${count === 1 ? "" : "s"}`;
}

function option({ text, kind }, index) {
  const item = Object.assign(document.createElement("li"), { id: `suggestion-${index}` });
  const words = Object.assign(document.createElement("bdi"), { textContent: text });
  const label = Object.assign(document.createElement("small"), { textContent: kind });
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  item.append(words, " ", label);
  return item;
}

function choose(index) {
  list.children[chosen]?.setAttribute("aria-selected", "false");
  chosen = index;
  const item = list.children[chosen];
  item?.setAttribute("aria-selected", "true");
  item?.scrollIntoView({ block: "nearest" });
  if (item) box.setAttribute("aria-activedescendant", item.id);
  else box.removeAttribute("aria-activedescendant");
}

function take(item) {
  box.value = item.firstChild.textContent;
  close();
  box.form.requestSubmit();
}

function close() {
  clearTimeout(waiting);
  asking.abort();
  choose(-1);
  list.hidden = true;
  told.textContent = "";
  box.setAttribute("aria-expanded", "false");
}
