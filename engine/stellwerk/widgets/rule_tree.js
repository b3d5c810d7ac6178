// Fields of law with their rules: native details and buttons, filtered here while somebody types.
function render({ model, el }) {
  el.classList.add("sw-tree");
  const words = model.get("words");
  const nav = element("nav", { "aria-label": words.label });
  const search = element("input", { type: "search", placeholder: words.search, "aria-label": words.search });
  const list = element("div", { class: "sw-tree-fields" });
  nav.append(search, list);
  el.append(nav);

  function choose(id) {
    model.set("chosen", id);
    model.save_changes();
    mark();
  }
  function rule({ id, title }) {
    const item = element("li");
    const button = element("button", { type: "button", "data-rule": id, title: id }, title);
    button.addEventListener("click", () => choose(id));
    item.append(button);
    return item;
  }
  function show() {
    const wanted = search.value.trim().toLowerCase();
    const fits = ({ id, title }) => !wanted || `${title} ${id}`.toLowerCase().includes(wanted);
    const parts = model.get("fields").flatMap((field) => {
      const rules = field.rules.filter(fits);
      if (!rules.length) return [];
      const details = element("details", { "data-field": field.name });
      details.open = Boolean(wanted) || rules.some(({ id }) => id === model.get("chosen"));
      const items = element("ul");
      items.append(...rules.map(rule));
      details.append(element("summary", {}, `${field.label} (${rules.length})`), items);
      return [details];
    });
    list.replaceChildren(...(parts.length ? parts : [element("p", { role: "status" }, words.nothing)]));
    mark();
  }
  function mark() {
    const changed = new Set(model.get("changed"));
    for (const button of list.querySelectorAll("button")) {
      const id = button.dataset.rule;
      if (id === model.get("chosen")) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
      button.querySelector(".sw-changed")?.remove();
      if (changed.has(id)) button.append(element("span", { class: "sw-changed" }, ` ● ${words.changed}`));
    }
  }
  function follow() {
    const current = list.querySelector(`button[data-rule="${CSS.escape(model.get("chosen"))}"]`);
    if (!current) return show();
    current.closest("details").open = true;
    mark();
    reveal();
  }
  function reveal() { // the list alone is scrolled, never the page
    const current = list.querySelector("[aria-current]");
    if (current) list.scrollTop = Math.max(0, current.offsetTop - list.offsetTop - list.clientHeight / 2);
  }
  search.addEventListener("input", show);
  model.on("change:fields", show);
  model.on("change:chosen", follow);
  model.on("change:changed", mark);
  show();
  requestAnimationFrame(reveal);
  return () => {
    model.off("change:fields", show);
    model.off("change:chosen", follow);
    model.off("change:changed", mark);
  };
}
export default { render };
