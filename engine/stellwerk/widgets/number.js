// A number with its slider: one value, two native inputs, both with a name for screen readers.
const WAIT_MS = 120;

function render({ model, el }) {
  el.classList.add("sw-number");
  const id = `sw-${Math.random().toString(36).slice(2)}`;
  const label = document.createElement("label");
  label.htmlFor = id;
  const slider = document.createElement("input");
  slider.type = "range";
  const field = document.createElement("input");
  field.type = "number";
  field.id = id;
  const unit = document.createElement("span");
  unit.className = "sw-unit";
  const inputs = document.createElement("div");
  inputs.append(slider, field, unit);
  el.append(label, inputs);
  let waiting;

  function show() {
    label.textContent = model.get("label");
    unit.textContent = model.get("unit");
    slider.setAttribute("aria-label", model.get("label"));
    for (const input of [slider, field]) {
      for (const name of ["min", "max", "step"]) input[name] = model.get(name);
      input.disabled = model.get("disabled");
      input.value = model.get("value");
    }
  }
  function tell(input) {
    const lowest = model.get("min");
    const value = input.value === "" ? lowest : Number(input.value);
    model.set("value", Math.min(Math.max(value, lowest), model.get("max")));
    model.save_changes();
    show();
  }
  slider.addEventListener("input", () => {
    field.value = slider.value;
    clearTimeout(waiting);
    waiting = setTimeout(() => tell(slider), WAIT_MS);
  });
  field.addEventListener("change", () => tell(field));
  model.on("change", show);
  show();
  return () => model.off("change", show);
}
export default { render };
