// A map in classes on which one can point at a place. The list of places beside it does the same by keyboard.
const SVG = "http://www.w3.org/2000/svg";

function drawn(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function render({ model, el }) {
  el.classList.add("sw-map");
  const picture = drawn("svg", { viewBox: model.get("box"), role: "img" });
  const outlines = {};
  for (const [key, outline] of Object.entries(model.get("outlines"))) {
    const path = drawn("path", { d: outline, "data-key": key });
    const title = drawn("title", {});
    path.append(title);
    path.addEventListener("click", () => { model.set("chosen", key); model.save_changes(); });
    outlines[key] = path;
    picture.append(path);
  }
  const legend = document.createElement("ul");
  legend.className = "sw-legend";
  el.append(picture, legend);

  function show() {
    picture.setAttribute("aria-label", model.get("alt"));
    const classes = model.get("classes");
    const colours = model.get("colours");
    const names = model.get("names");
    for (const [key, path] of Object.entries(outlines)) {
      path.setAttribute("fill", colours[classes[key] ?? 0]);
      path.firstChild.textContent = names[key] ?? key;
      path.classList.toggle("sw-chosen", key === model.get("chosen"));
    }
    legend.replaceChildren(...model.get("legend").map((label, place) => {
      const line = document.createElement("li");
      const box = document.createElement("span");
      box.style.background = colours[place];
      line.append(box, label);
      return line;
    }));
  }
  model.on("change", show);
  show();
  return () => model.off("change", show);
}
export default { render };
