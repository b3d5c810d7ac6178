// Where a case comes from: an example that stands beside the rules, a case of the register, or an empty form.
function render({ model, el }) {
  el.classList.add("sw-case-choice");
  const id = `sw-choice-${Math.random().toString(36).slice(2)}`;
  const words = model.get("words");
  const examples = element("select", { id: `${id}-example`, class: "sw-example" });
  const blank = element("button", { type: "button", class: "sw-plain sw-blank" }, words.blank);
  el.append(element("label", { for: examples.id }, words.example), examples);
  examples.addEventListener("change", () => { if (examples.value) model.send({ example: examples.value }); });
  blank.addEventListener("click", () => model.send({ blank: true }));

  const search = element("input", { id: `${id}-search`, type: "search", autocomplete: "off", placeholder: words.search_hint, class: "sw-case-search" });
  const found = element("select", { size: 4, "aria-label": words.found, class: "sw-found-cases" });
  const note = element("p", { class: "sw-hint", role: "status" });
  const back = element("button", { type: "button", class: "sw-plain", "aria-label": words.back_long }, words.back);
  const on = element("button", { type: "button", class: "sw-plain", "aria-label": words.on_long }, words.on);
  const notable = element("button", { type: "button", class: "sw-plain sw-notable" }, words.notable);
  if (model.get("register")) {
    el.append(element("label", { for: search.id }, words.register), search, found, note, element("div", { class: "sw-buttons" }, back, on, notable, blank));
  } else {
    el.append(element("div", { class: "sw-buttons" }, blank));
  }
  let waiting;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => model.send({ search: search.value }), 200);
  });
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && found.options.length) { clearTimeout(waiting); model.send({ search: search.value, first: true }); }
  });
  found.addEventListener("change", () => model.send({ pick: found.value }));
  back.addEventListener("click", () => model.send({ step: -1 }));
  on.addEventListener("click", () => model.send({ step: 1 }));
  notable.addEventListener("click", () => model.send({ notable: true }));

  function showExamples() {
    const groups = model.get("examples").map(([label, entries]) =>
      element("optgroup", { label }, ...entries.map(([value, name]) => element("option", { value }, name))));
    examples.replaceChildren(element("option", { value: "" }, words.choose), ...groups);
    examples.value = model.get("example");
  }
  function showFound() {
    found.replaceChildren(...model.get("found").map(([value, name]) => element("option", { value }, name)));
    found.value = model.get("picked");
    note.textContent = model.get("note");
  }
  const showChosen = () => { examples.value = model.get("example"); found.value = model.get("picked"); };
  model.on("change:examples", showExamples);
  model.on("change:found", showFound);
  model.on("change:note", showFound);
  model.on("change:example", showChosen);
  model.on("change:picked", showChosen);
  showExamples();
  showFound();
  return () => {
    clearTimeout(waiting);
    model.off("change:examples", showExamples);
    model.off("change:found", showFound);
    model.off("change:note", showFound);
    model.off("change:example", showChosen);
    model.off("change:picked", showChosen);
  };
}
export default { render };
