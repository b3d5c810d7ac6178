// A number with its slider: one value, two inputs with a name for screen readers, and the value it had at first.
const WAIT_MS = 80;
const THUMB = 16; // px, the width of a slider's handle

function made(tag, attributes = {}) {
  return Object.assign(document.createElement(tag), attributes);
}

function render({ model, el }) {
  el.classList.add("sw-number");
  const words = model.get("words");
  const id = `sw-${Math.random().toString(36).slice(2)}`;
  const label = made("label", { htmlFor: id, id: `${id}-label` });
  const slider = made("input", { type: "range" });
  const mark = made("span", { className: "sw-own-mark" });
  const track = made("span", { className: "sw-track" });
  const field = made("input", { type: "text", id, className: "sw-typed", autocomplete: "off" });
  const unit = made("span", { className: "sw-unit" });
  const inputs = made("div");
  const help = made("p", { className: "sw-help", id: `${id}-help` });
  const told = made("p", { className: "sw-error", id: `${id}-told` });
  const reset = made("button", { type: "button", className: "sw-reset" });
  field.setAttribute("role", "spinbutton");
  field.setAttribute("aria-describedby", `${help.id} ${told.id}`);
  reset.setAttribute("aria-describedby", label.id);
  told.setAttribute("role", "alert");
  track.append(slider, mark);
  inputs.append(track, field, unit);
  el.append(label, inputs, told, help);
  let waiting;

  function shown(value) {
    return shownNumber(value, words.language, placesOf(model.get("step")));
  }
  function show() {
    const { value, min, max, step, own, disabled } = Object.fromEntries(
      ["value", "min", "max", "step", "own", "disabled"].map((name) => [name, model.get(name)]));
    label.textContent = model.get("label");
    unit.textContent = model.get("unit");
    help.textContent = model.get("help");
    help.hidden = !model.get("help");
    slider.setAttribute("aria-label", model.get("label"));
    for (const [name, number] of Object.entries({ min, max, step })) slider[name] = number;
    slider.value = value;
    slider.setAttribute("aria-valuetext", `${shown(value)} ${model.get("unit")}`.trim());
    field.value = shown(value);
    field.inputMode = placesOf(step) ? "decimal" : "numeric";
    for (const [name, number] of Object.entries({ valuemin: min, valuemax: max, valuenow: value })) field.setAttribute(`aria-${name}`, number);
    for (const input of [slider, field, reset]) input.disabled = disabled;
    showOwn(own, value, min, max);
  }
  function showOwn(own, value, min, max) {
    const changed = own !== null && own !== value;
    el.classList.toggle("sw-changed", changed);
    mark.hidden = own === null;
    if (own !== null) {
      const part = Math.min(Math.max((own - min) / (max - min), 0), 1);
      mark.style.left = `calc(${part * 100}% + ${(0.5 - part) * THUMB}px)`;
    }
    reset.textContent = changed ? words.reset.replace("<value>", shown(own)) : "";
    if (changed) inputs.after(reset);
    else if (reset.isConnected) {
      const focused = document.activeElement === reset;
      reset.remove();
      if (focused) field.focus();
    }
  }
  function refuse(sentence) {
    told.textContent = sentence;
    field.setAttribute("aria-invalid", String(Boolean(sentence)));
  }
  function tell(wanted) {
    const value = Math.min(Math.max(wanted, model.get("min")), model.get("max"));
    if (wanted < value) refuse(words.lowest.replace("<value>", shown(value)));
    else if (wanted > value) refuse(words.highest.replace("<value>", shown(value)));
    else refuse("");
    model.set("value", value);
    model.save_changes();
    show();
  }
  function typed() {
    const wanted = parsedNumber(field.value, words.language);
    if (wanted === null) refuse(words.unfit.replace("<typed>", field.value));
    else tell(wanted);
  }
  slider.addEventListener("input", () => {
    field.value = shown(Number(slider.value));
    clearTimeout(waiting);
    waiting = setTimeout(() => tell(Number(slider.value)), WAIT_MS);
  });
  field.addEventListener("change", typed);
  field.addEventListener("keydown", (event) => {
    const steps = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!steps) return;
    event.preventDefault();
    const from = parsedNumber(field.value, words.language) ?? model.get("value");
    const step = model.get("step");
    const next = Number((from + steps * step).toFixed(placesOf(step)));
    field.value = shown(Math.min(Math.max(next, model.get("min")), model.get("max")));
    clearTimeout(waiting);
    waiting = setTimeout(typed, WAIT_MS);
  });
  reset.addEventListener("click", () => tell(model.get("own")));
  model.on("change", show);
  show();
  return () => model.off("change", show);
}
export default { render };
