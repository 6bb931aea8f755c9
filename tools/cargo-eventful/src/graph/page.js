"use strict";
const nodes = JSON.parse(document.getElementById("nodes").textContent);
const boxes = nodes.map((_, index) => document.getElementById("n" + index));
const edges = [...document.querySelectorAll(".edge")].map((line) => ({
  line,
  from: Number(line.dataset.from),
  to: Number(line.dataset.to),
}));
const field = (name) => document.getElementById(name);
const search = field("search"), crateField = field("crate"), families = field("families"), only = field("only");
let chosen = null;

for (const name of [...new Set(nodes.map((node) => node.crate))].filter(Boolean).sort()) {
  crateField.add(new Option(name, name));
}

// All that can be reached along the lines, in one direction.
function reach(starts, next) {
  const reached = new Set(starts), waiting = [...starts];
  while (waiting.length > 0) {
    for (const node of next(waiting.pop())) {
      if (!reached.has(node)) {
        reached.add(node);
        waiting.push(node);
      }
    }
  }
  return reached;
}

function followers(hidden) {
  const after = nodes.map(() => []), before = nodes.map(() => []);
  for (const { from, to } of edges) {
    if (!hidden.has(from) && !hidden.has(to)) {
      after[from].push(to);
      before[to].push(from);
    }
  }
  return { after, before };
}

// Families, and handlers that nothing but a family calls.
function hiddenNodes() {
  const hidden = new Set();
  if (families.checked) return hidden;
  nodes.forEach((node, index) => node.kind === "family" && hidden.add(index));
  nodes.forEach((node, index) => {
    const callers = edges.filter((edge) => edge.to === index).map((edge) => edge.from);
    if (node.kind === "handler" && callers.every((caller) => hidden.has(caller))) hidden.add(index);
  });
  return hidden;
}

function fits(node) {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const text = [node.title, node.place || "", ...node.facts].join("\n").toLowerCase();
  return words.every((word) => text.includes(word)) && (!crateField.value || node.crate === crateField.value);
}

function show() {
  const hidden = hiddenNodes();
  const { after, before } = followers(hidden);
  const found = nodes.map((_, index) => index).filter((index) => !hidden.has(index) && fits(nodes[index]));
  const starts = chosen === null ? found : [chosen];
  const isPart = chosen !== null || search.value.trim() !== "" || crateField.value !== "";
  const lit = isPart
    ? new Set([...reach(starts, (node) => after[node]), ...reach(starts, (node) => before[node])])
    : new Set(found);
  const mark = (element, isHidden, isLit) => {
    element.classList.toggle("gone", isHidden || (only.checked && !isLit));
    element.classList.toggle("dim", !isLit);
  };
  boxes.forEach((box, index) => {
    mark(box, hidden.has(index), lit.has(index));
    box.classList.toggle("chosen", index === chosen);
  });
  for (const { line, from, to } of edges) mark(line, hidden.has(from) || hidden.has(to), lit.has(from) && lit.has(to));
  field("count").textContent =
    found.length === 0 ? "nothing fits" : `${found.length} of ${nodes.length} ${isPart ? "fit" : "boxes"}`;
  details(after, before);
}

function details(after, before) {
  const aside = field("details");
  aside.hidden = chosen === null;
  aside.replaceChildren();
  if (chosen === null) return;
  const node = nodes[chosen];
  const add = (name, text, className) => {
    const element = document.createElement(name);
    element.textContent = text;
    if (className) element.className = className;
    aside.append(element);
    return element;
  };
  const list = (title, members) => {
    if (members.length === 0) return;
    add("strong", title);
    const items = add("ul", "");
    for (const member of members) {
      const item = document.createElement("li");
      if (typeof member === "string") {
        item.textContent = member;
      } else {
        const button = document.createElement("button");
        button.textContent = nodes[member].title;
        button.onclick = () => choose(member);
        item.append(button);
      }
      items.append(item);
    }
  };
  add("h2", node.title);
  if (node.place) add("p", node.place, "place");
  list("It says", node.facts);
  list(node.kind === "handler" ? "Called for" : "Caused by", [...new Set(before[chosen])]);
  list(node.kind === "handler" ? "May cause" : "Leads to", [...new Set(after[chosen])]);
}

function choose(index) {
  chosen = chosen === index ? null : index;
  show();
  if (chosen !== null) boxes[chosen].scrollIntoView({ block: "nearest", inline: "nearest" });
}

// What is looked at is in the address, so that it can be sent to somebody: #q=mail&crate=shop&only
function remember() {
  const parts = new URLSearchParams();
  if (search.value) parts.set("q", search.value);
  if (crateField.value) parts.set("crate", crateField.value);
  if (only.checked) parts.set("only", "");
  if (!families.checked) parts.set("no-families", "");
  history.replaceState(null, "", "#" + parts);
}

function recall() {
  const parts = new URLSearchParams(location.hash.slice(1));
  search.value = parts.get("q") || "";
  crateField.value = parts.get("crate") || "";
  only.checked = parts.has("only");
  families.checked = !parts.has("no-families");
  chosen = null;
  show();
}

boxes.forEach((box, index) => box.addEventListener("click", (click) => (click.stopPropagation(), choose(index))));
field("drawing").addEventListener("click", () => chosen !== null && choose(chosen));
for (const input of [search, crateField, families, only]) {
  input.addEventListener("input", () => {
    chosen = null;
    remember();
    show();
  });
}
addEventListener("keydown", (key) => key.key === "Escape" && chosen !== null && choose(chosen));
addEventListener("hashchange", recall);
recall();
