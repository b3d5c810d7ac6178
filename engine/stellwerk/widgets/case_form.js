// The form of one case: facts in groups, child tables with their rows, each field reset to unknown by one click.
// Fields stay where they are and keep the focus; what is entered is told, what the kernel understood comes back.
const EARLIEST = "1900";
const TYPING = 500; // milliseconds after which somebody has stopped typing
const FORM = Math.random().toString(36).slice(2); // so that two forms on a page do not share ids
let made = 0;

const newId = () => `sw-${FORM}-${(made += 1)}`;

// --- one control, for a fact or for a cell of a row ---------------------------------------------------------------
function yesNo(spec, words, describedBy, tell) {
  const name = newId();
  const options = [["yes", words.yes], ["no", words.no], ["", words.unknown]];
  const inputs = options.map(([value]) => element("input", { type: "radio", name, value, "aria-describedby": describedBy }));
  inputs.forEach((input) => input.addEventListener("change", () => tell(input.value)));
  const labels = options.map(([, label], place) => element("label", {}, inputs[place], element("span", {}, label)));
  return {
    node: element("div", { class: "sw-yesno" }, ...labels),
    set: (value) => inputs.forEach((input) => { input.checked = input.value === (value ?? ""); }),
    focus: () => (inputs.find((input) => input.checked) ?? inputs[0]).focus(),
  };
}

function choice(spec, words, id, describedBy, tell) {
  const options = [["", words.unknown], ...spec.options].map(([value, label]) => element("option", { value }, label));
  const select = element("select", { id, "aria-describedby": describedBy }, ...options);
  select.addEventListener("change", () => tell(select.value));
  return { node: select, set: (value) => { select.value = value ?? ""; }, focus: () => select.focus() };
}

function typedIn(spec, words, id, describedBy, tell) {
  const date = spec.kind === "date";
  const input = element("input", { id, type: date ? "date" : "text", "aria-describedby": describedBy, autocomplete: "off",
    inputmode: spec.kind === "number" ? "decimal" : undefined, min: date ? `${EARLIEST}-01-01` : undefined, max: date ? "2199-12-31" : undefined });
  let known = "";
  let told = "";
  let waiting;
  const send = () => {
    clearTimeout(waiting);
    if (date && input.validity.badInput) return tell(words.half_a_date);
    if (input.value === told) return undefined;
    told = input.value;
    return tell(input.value);
  };
  input.addEventListener(date ? "change" : "input", () => {
    clearTimeout(waiting);
    if (date ? input.value && input.value < EARLIEST : !/^$|\d\s*%?$/.test(input.value)) return; // still being typed
    waiting = setTimeout(send, date ? 0 : TYPING);
  });
  input.addEventListener("blur", send);
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") send(); });
  const line = element("span", { class: "sw-line" }, input, spec.unit && element("span", { class: "sw-unit" }, spec.unit));
  return {
    node: line,
    set(value, anew) {
      const changed = (value ?? "") !== known;
      known = value ?? "";
      if (!anew && (!changed || document.activeElement === input)) return;
      input.value = known;
      told = known;
    },
    clear() { input.value = ""; told = ""; known = ""; },
    focus: () => input.focus(),
  };
}

function control(spec, words, id, describedBy, tell) {
  if (spec.kind === "bool") return yesNo(spec, words, describedBy, tell);
  if (spec.kind === "choice") return choice(spec, words, id, describedBy, tell);
  return typedIn(spec, words, id, describedBy, tell);
}

// --- a fact -------------------------------------------------------------------------------------------------------
function notes(id) {
  const hint = element("p", { class: "sw-hint", id: `${id}-hint` });
  const error = element("p", { class: "sw-error", id: `${id}-error`, role: "alert" });
  return {
    nodes: [hint, error],
    by: `${id}-hint ${id}-error`,
    show(said, wrong) {
      if (hint.textContent !== (said ?? "")) hint.textContent = said ?? "";
      if (error.textContent !== (wrong ?? "")) error.textContent = wrong ?? "";
    },
  };
}

function fact(name, spec, words, send) {
  const id = newId();
  const beside = notes(id);
  const group = spec.kind === "bool";
  const tell = (value) => send({ tell: name, value });
  const own = control(spec, words, id, beside.by, tell);
  const forget = element("button", { type: "button", class: "sw-forget", title: words.forget, "aria-label": `${spec.label}: ${words.forget}` }, "×");
  forget.addEventListener("click", () => { own.clear?.(); tell(""); own.focus(); });
  const line = element("div", { class: "sw-line" }, own.node, spec.kind === "bool" ? "" : forget);
  const label = group ? element("legend", {}, spec.label) : element("label", { for: id }, spec.label);
  const node = element(group ? "fieldset" : "div", { class: `sw-fact sw-fact-${name}`, "data-fact": name }, label, line, ...beside.nodes);
  return {
    node,
    focus: own.focus,
    show({ value, error, hint, missing, anew }) {
      node.classList.toggle("sw-missing-fact", missing);
      forget.hidden = (value === undefined || value === "") && !error;
      beside.show(hint, error);
      if (!error || anew) own.set(value, anew);
    },
  };
}

// --- a child table ------------------------------------------------------------------------------------------------
function table(name, spec, words, send) {
  const id = newId();
  const beside = notes(id);
  const list = element("div", { class: "sw-rows-list" });
  const add = element("button", { type: "button", class: "sw-add-row" }, words.add_row);
  const states = [["unknown", words.unknown], ["none", words.no_rows], ["rows", words.rows]].map(([value, label]) => {
    const input = element("input", { type: "radio", name: id, value });
    return { input, node: element("label", {}, input, element("span", {}, label)) };
  });
  const node = element("fieldset", { class: `sw-fact sw-rows sw-fact-${name}`, "data-fact": name }, element("legend", {}, spec.label),
    element("div", { class: "sw-yesno" }, ...states.map((state) => state.node)), list, add, ...beside.nodes);
  let rows = [];
  let waiting = false; // a row is there that nothing has been entered into yet
  const filled = () => rows.filter((row) => row.told).map((row) => row.cells); // one emptied again is there, and unknown
  const tick = (value) => states.forEach((state) => { state.input.checked = state.input.value === value; });
  const tell = () => send({ tell: name, value: filled() });

  function numbered() {
    rows.forEach((row, place) => {
      row.legend.textContent = words.row.replace("<number>", place + 1);
      row.remove.setAttribute("aria-label", `${spec.label}, ${row.legend.textContent}: ${words.remove_row}`);
    });
    add.hidden = rows.length === 0;
  }
  function newRow(cells) {
    const row = { cells: { ...cells }, fields: {}, told: Object.keys(cells).length > 0 };
    row.legend = element("legend");
    row.remove = element("button", { type: "button", class: "sw-remove-row" }, words.remove_row);
    row.remove.addEventListener("click", () => {
      const place = rows.indexOf(row);
      rows = rows.filter((one) => one !== row);
      row.node.remove();
      numbered();
      waiting = false;
      if (rows.length === 0) tick("none");
      tell();
      (rows[Math.min(place, rows.length - 1)]?.remove ?? states[1].input).focus();
    });
    const cellNodes = spec.cells.map((cell) => {
      const cellId = newId();
      const field = control(cell, words, cellId, `${id}-error`, (value) => {
        row.cells[cell.name] = value;
        row.told = true;
        waiting = false;
        tell();
      });
      field.set(row.cells[cell.name], true);
      row.fields[cell.name] = field;
      const said = { class: `sw-cell sw-cell-${cell.name}` };
      if (cell.kind === "bool") return element("fieldset", said, element("legend", {}, cell.label), field.node);
      return element("div", said, element("label", { for: cellId }, cell.label), field.node);
    });
    row.node = element("fieldset", { class: "sw-row" }, row.legend, ...cellNodes, row.remove);
    rows.push(row);
    list.append(row.node);
    numbered();
    return row;
  }
  function begin() {
    tick("rows");
    waiting = true;
    newRow({}).fields[spec.cells[0].name].focus();
  }
  function empty() {
    rows = [];
    list.replaceChildren();
    numbered();
  }
  add.addEventListener("click", begin);
  states[0].input.addEventListener("change", () => { empty(); waiting = false; send({ tell: name, value: null }); });
  states[1].input.addEventListener("change", () => { empty(); waiting = false; tell(); });
  states[2].input.addEventListener("change", begin);
  numbered();
  return {
    node,
    focus: () => (states.find((state) => state.input.checked) ?? states[0]).input.focus(),
    show({ value, error, hint, missing, anew }) {
      node.classList.toggle("sw-missing-fact", missing);
      beside.show(hint, error);
      if (!anew && (waiting || error || node.contains(document.activeElement))) return;
      if (anew || JSON.stringify(value ?? null) !== JSON.stringify(rows.length ? filled() : value ?? null)) {
        empty();
        for (const row of Array.isArray(value) ? value : []) newRow(row);
      }
      tick(Array.isArray(value) ? (value.length ? "rows" : "none") : "unknown");
    },
  };
}

// --- the form -----------------------------------------------------------------------------------------------------
function render({ model, el }) {
  el.classList.add("sw-form");
  const words = model.get("words");
  const send = (message) => model.send(message);
  const body = element("div");
  const moreId = newId();
  const more = element("input", { id: moreId, type: "search", list: `${moreId}-list`, autocomplete: "off", class: "sw-more-facts" });
  const offered = element("datalist", { id: `${moreId}-list` }, ...model.get("every").map(([, label]) => element("option", { value: label })));
  el.append(body, element("div", { class: "sw-more" }, element("label", { for: moreId }, words.more), more, offered));
  let boxes = new Map();
  let shown = new Map();
  let begun;
  let wanted; // the fact that somebody asked for and that is to get the focus once it is there

  function boxOf(group) {
    if (boxes.has(group.key)) return boxes.get(group.key);
    const count = element("span", { class: "sw-group-count" });
    const inner = element("div");
    const node = element("details", { open: "", class: "sw-fact-group" }, element("summary", {}, group.label, " ", count), inner);
    body.append(node);
    boxes.set(group.key, { node, inner, count });
    return boxes.get(group.key);
  }
  function show() {
    const state = model.get("state");
    const fields = model.get("fields");
    const anew = state.begun !== begun;
    if (anew) {
      boxes = new Map();
      shown = new Map();
      body.replaceChildren();
      begun = state.begun;
    }
    const missing = new Set(state.missing);
    for (const group of state.groups) {
      const box = boxOf(group);
      for (const name of group.names) {
        if (!fields[name]) continue;
        const fresh = !shown.has(name);
        if (fresh) {
          shown.set(name, (fields[name].kind === "table" ? table : fact)(name, fields[name], words, send));
          box.inner.append(shown.get(name).node);
        }
        shown.get(name).show({ value: state.values[name], error: state.errors[name], hint: state.hints[name], missing: missing.has(name), anew: anew || fresh });
      }
      const open = group.names.filter((name) => missing.has(name)).length;
      box.count.textContent = open ? words.open.replace("<count>", open) : "";
    }
    if (wanted !== undefined && shown.has(wanted)) goTo(wanted);
  }
  function goTo(name) {
    wanted = undefined;
    const field = shown.get(name);
    field.node.closest("details").open = true;
    field.node.scrollIntoView({ block: "center" });
    field.focus();
    field.node.classList.add("sw-found");
    setTimeout(() => field.node.classList.remove("sw-found"), 1500);
  }
  function ask(name) {
    wanted = name;
    if (shown.has(name)) goTo(name);
    else send({ add: name });
  }
  function asked(event) {
    const button = event.target.closest?.("[data-ask]");
    const page = el.closest(".sw-page");
    if (button && (!page || page.contains(button))) ask(button.dataset.ask);
  }
  more.addEventListener("change", () => {
    const found = model.get("every").find(([, label]) => label === more.value);
    if (!found) return;
    more.value = "";
    ask(found[0]);
  });
  document.addEventListener("click", asked);
  model.on("change:state", show);
  show();
  return () => { document.removeEventListener("click", asked); model.off("change:state", show); };
}
export default { render };
