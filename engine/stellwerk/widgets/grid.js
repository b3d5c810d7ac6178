// A table of many rows, some columns to be typed into: filtered and paged here, so that nothing waits for the kernel.
function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function render({ model, el }) {
  el.classList.add("sw-grid");
  const words = model.get("words");
  let page = 0;
  let wanted = "";
  const filter = element("input", undefined, { type: "search" });
  const filterLabel = element("label", words.filter);
  filterLabel.append(" ", filter);
  const table = element("table");
  const back = element("button", words.back, { type: "button" });
  const on = element("button", words.on, { type: "button" });
  const where = element("span", "", { role: "status" });
  const pager = element("div", undefined, { class: "sw-pager" });
  pager.append(back, where, on);
  el.append(filterLabel, table, pager);

  function found() {
    const text = wanted.toLowerCase();
    return model.get("rows").filter((row) => !text || Object.values(row).some((cell) => String(cell).toLowerCase().includes(text)));
  }
  function edited(key, name, fallback) {
    return model.get("edits")[key]?.[name] ?? fallback;
  }
  function tell(key, name, input, before) {
    const edits = structuredClone(model.get("edits"));
    const own = edits[key] ?? {};
    const value = Math.max(0, Math.round(Number(input.value)));
    if (input.value === "" || value === before) delete own[name];
    else own[name] = value;
    if (Object.keys(own).length) edits[key] = own;
    else delete edits[key];
    model.set("edits", edits);
    model.save_changes();
    show();
  }
  function cell(row, column, heading) {
    const key = row[model.get("key")];
    const value = row[column.name];
    if (!column.editable) {
      const shown = typeof value === "number" ? value.toLocaleString(words.language) : (value ?? "");
      return heading ? element("th", shown, { scope: "row" }) : element("td", shown, typeof value === "number" ? { class: "sw-count" } : {});
    }
    const made = element("td");
    const input = element("input", undefined, { type: "number", min: 0, step: 1, "aria-label": `${column.label}: ${row[model.get("columns")[0].name]}` });
    input.value = edited(key, column.name, value);
    if (edited(key, column.name, value) !== value) input.classList.add("sw-edited");
    input.addEventListener("change", () => tell(key, column.name, input, value));
    made.append(input);
    return made;
  }
  function show() {
    const rows = found();
    const size = model.get("page_size");
    const pages = Math.max(1, Math.ceil(rows.length / size));
    page = Math.min(page, pages - 1);
    const columns = model.get("columns");
    const head = element("tr");
    columns.forEach((column) => head.append(element("th", column.label, { scope: "col" })));
    const headPart = element("thead");
    headPart.append(head);
    const body = element("tbody");
    for (const row of rows.slice(page * size, (page + 1) * size)) {
      const line = element("tr");
      columns.forEach((column, place) => line.append(cell(row, column, place === 0)));
      body.append(line);
    }
    table.replaceChildren(element("caption", model.get("caption")), headPart, body);
    where.textContent = words.page.replace("<page>", page + 1).replace("<pages>", pages).replace("<rows>", rows.length.toLocaleString(words.language));
    back.disabled = page === 0;
    on.disabled = page === pages - 1;
  }
  filter.addEventListener("input", () => { wanted = filter.value; page = 0; show(); });
  back.addEventListener("click", () => { page -= 1; show(); });
  on.addEventListener("click", () => { page += 1; show(); });
  model.on("change:rows", show);
  model.on("change:edits", show);
  show();
  return () => { model.off("change:rows", show); model.off("change:edits", show); };
}
export default { render };
