// A table of many rows, some columns to be typed into: filtered and paged here, so that nothing waits for the kernel.
function render({ model, el }) {
  el.classList.add("sw-grid");
  const words = model.get("words");
  let page = 0;
  let wanted = "";
  const filter = element("input", { type: "search" });
  const filterLabel = element("label", {}, words.filter);
  filterLabel.append(" ", filter);
  const group = element("select");
  const groupLabel = element("label", {}, model.get("group_label"));
  groupLabel.append(" ", group);
  groupLabel.hidden = !model.get("group");
  const filters = element("div", { class: "sw-filters" });
  filters.append(filterLabel, groupLabel);
  const table = element("table");
  const back = element("button", { type: "button" }, words.back);
  const on = element("button", { type: "button" }, words.on);
  const where = element("span", { role: "status" });
  const told = element("p", { role: "alert", class: "sw-error" });
  const pager = element("div", { class: "sw-pager" });
  pager.append(back, where, on);
  el.append(filters, told, table, pager);

  function found() {
    const text = wanted.toLowerCase();
    const within = group.value;
    return model.get("rows").filter((row) => (!within || row[model.get("group")] === within)
      && (!text || Object.values(row).some((cell) => String(cell).toLowerCase().includes(text))));
  }
  function offerGroups() {
    if (!model.get("group")) return;
    const names = [...new Set(model.get("rows").map((row) => row[model.get("group")]))].sort((a, b) => a.localeCompare(b, words.language));
    const chosen = group.value;
    group.replaceChildren(element("option", { value: "" }, words.all), ...names.map((name) => element("option", { value: name }, name)));
    group.value = names.includes(chosen) ? chosen : "";
  }
  function edited(key, name, fallback) {
    return model.get("edits")[key]?.[name] ?? fallback;
  }
  function tell(key, name, input, before) {
    const edits = structuredClone(model.get("edits"));
    const own = edits[key] ?? {};
    const typed = parsedNumber(input.value, words.language);
    if (typed === null && input.value.trim()) {
      input.setAttribute("aria-invalid", "true");
      told.textContent = words.unfit.replace("<typed>", input.value);
      return;
    }
    told.textContent = "";
    const value = typed === null ? before : Math.max(0, Math.round(typed));
    if (value === before) delete own[name];
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
      return heading ? element("th", { scope: "row" }, shown) : element("td", typeof value === "number" ? { class: "sw-count" } : {}, shown);
    }
    const made = element("td", { class: "sw-count" });
    const input = element("input", { type: "text", inputmode: "numeric", class: "sw-typed", autocomplete: "off", "aria-label": `${column.label}: ${row[model.get("columns")[0].name]}` });
    input.value = shownNumber(edited(key, column.name, value), words.language, 0);
    if (edited(key, column.name, value) !== value) input.classList.add("sw-edited");
    input.addEventListener("change", () => tell(key, column.name, input, value));
    made.append(input);
    return made;
  }
  // The sum of what is found, with what was edited; a column is summed where the rows say numbers.
  function sums(rows, columns) {
    const line = element("tr");
    columns.forEach((column, place) => {
      if (place === 0) line.append(element("th", { scope: "row" }, words.sum.replace("<rows>", shownNumber(rows.length, words.language, 0))));
      else if (!column.summed) line.append(element("td"));
      else {
        const sum = rows.reduce((total, row) => total + edited(row[model.get("key")], column.name, row[column.name]), 0);
        line.append(element("td", { class: "sw-count" }, shownNumber(sum, words.language, 0)));
      }
    });
    const part = element("tfoot");
    part.append(line);
    return part;
  }
  function show() {
    const rows = found();
    const size = model.get("page_size");
    const pages = Math.max(1, Math.ceil(rows.length / size));
    page = Math.min(page, pages - 1);
    const columns = model.get("columns");
    const head = element("tr");
    columns.forEach((column) => head.append(element("th", { scope: "col", ...(column.words ? {} : { class: "sw-count" }) }, column.label)));
    const headPart = element("thead");
    headPart.append(head);
    const body = element("tbody");
    for (const row of rows.slice(page * size, (page + 1) * size)) {
      const line = element("tr");
      columns.forEach((column, place) => line.append(cell(row, column, place === 0)));
      body.append(line);
    }
    table.replaceChildren(element("caption", {}, model.get("caption")), headPart, body, ...(columns.some((column) => column.summed) ? [sums(rows, columns)] : []));
    where.textContent = words.page.replace("<page>", page + 1).replace("<pages>", pages).replace("<rows>", rows.length.toLocaleString(words.language));
    back.disabled = page === 0;
    on.disabled = page === pages - 1;
  }
  filter.addEventListener("input", () => { wanted = filter.value; page = 0; show(); });
  group.addEventListener("change", () => { page = 0; show(); });
  back.addEventListener("click", () => { page -= 1; show(); });
  on.addEventListener("click", () => { page += 1; show(); });
  function refresh() {
    offerGroups();
    show();
  }
  model.on("change:rows", refresh);
  model.on("change:edits", show);
  refresh();
  return () => { model.off("change:rows", refresh); model.off("change:edits", show); };
}
export default { render };
