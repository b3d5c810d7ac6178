// One of a few: native radio buttons in a row, looking like the parts of one bar.
function render({ model, el }) {
  el.classList.add("sw-segments");
  const group = `sw-${Math.random().toString(36).slice(2)}`;
  const fieldset = document.createElement("fieldset");
  el.append(fieldset);

  function show() {
    const legend = document.createElement("legend");
    legend.textContent = model.get("label");
    const parts = model.get("options").map(([key, words]) => {
      const label = document.createElement("label");
      const radio = document.createElement("input");
      radio.type = "radio";
      radio.name = group;
      radio.value = key;
      radio.checked = key === model.get("value");
      radio.addEventListener("change", () => { model.set("value", key); model.save_changes(); });
      label.append(radio, words);
      return label;
    });
    fieldset.replaceChildren(legend, ...parts);
  }
  function choose() {
    for (const radio of fieldset.querySelectorAll("input")) radio.checked = radio.value === model.get("value");
  }
  model.on("change:options", show);
  model.on("change:value", choose);
  show();
  return () => { model.off("change:options", show); model.off("change:value", choose); };
}
export default { render };
