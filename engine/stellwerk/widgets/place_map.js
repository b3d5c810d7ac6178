// A map in classes: what lies under the pointer or is reached with the arrow keys is told in words, Enter chooses it.
const SVG = "http://www.w3.org/2000/svg";
const AHEAD = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function drawn(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function element(tag, className, text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

// The nearest place ahead: what lies to the side counts twice.
function next(centres, from, [right, down]) {
  let best = null;
  let least = Infinity;
  for (const [key, [x, y]] of Object.entries(centres)) {
    const ahead = (x - centres[from][0]) * right + (y - centres[from][1]) * down;
    const aside = Math.abs((x - centres[from][0]) * down) + Math.abs((y - centres[from][1]) * right);
    if (ahead > 0 && ahead + 2 * aside < least) [best, least] = [key, ahead + 2 * aside];
  }
  return best ?? from;
}

function render({ model, el }) {
  el.classList.add("sw-map");
  const told = element("p", "sw-map-told");
  told.setAttribute("role", "status");
  const picture = drawn("svg", { viewBox: model.get("box"), role: "img" });
  const around = element("div", "sw-map-around");
  const outlines = {};
  const centres = {};
  let at = null;
  around.tabIndex = 0;
  around.setAttribute("role", "group");
  for (const [key, outline] of Object.entries(model.get("outlines"))) {
    const path = drawn("path", { d: outline, "data-key": key });
    path.addEventListener("pointerenter", () => pointAt(key));
    path.addEventListener("click", () => choose(key));
    outlines[key] = path;
    picture.append(path);
  }
  const edge = drawn("path", { class: "sw-map-edge", d: "" });
  picture.append(edge);
  const legend = element("ul", "sw-legend");
  const legendTitle = element("p", "sw-legend-title");
  around.append(picture);
  el.append(legendTitle, legend, around, told);

  function pointAt(key) {
    at = key;
    edge.setAttribute("d", model.get("outlines")[key]);
    told.textContent = model.get("told")[key] ?? key;
  }
  function leave() {
    at = model.get("chosen") || null;
    edge.setAttribute("d", at ? model.get("outlines")[at] : "");
    told.textContent = at ? model.get("told")[at] : model.get("hint");
  }
  function choose(key) {
    model.set("chosen", key);
    model.save_changes();
  }
  function centreOf(key) {
    const box = outlines[key].getBBox();
    return [box.x + box.width / 2, box.y + box.height / 2];
  }
  picture.addEventListener("pointerleave", leave);
  around.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && at) choose(at);
    else if (!AHEAD[event.key]) return;
    else {
      for (const key of Object.keys(outlines)) centres[key] ??= centreOf(key);
      pointAt(at ? next(centres, at, AHEAD[event.key]) : Object.keys(outlines)[0]);
    }
    event.preventDefault();
  });

  function show() {
    picture.setAttribute("aria-label", model.get("alt"));
    around.setAttribute("aria-label", model.get("hint"));
    const classes = model.get("classes");
    const colours = model.get("colours");
    for (const [key, path] of Object.entries(outlines)) {
      path.setAttribute("fill", colours[classes[key] ?? 0]);
      path.classList.toggle("sw-chosen", key === model.get("chosen"));
    }
    legendTitle.textContent = model.get("title");
    legend.replaceChildren(...model.get("legend").map((label, place) => {
      const line = document.createElement("li");
      const box = document.createElement("span");
      box.style.background = colours[place];
      line.append(box, label);
      return line;
    }));
    if (!picture.matches(":hover")) leave();
    else if (at) pointAt(at);
  }
  model.on("change", show);
  show();
  return () => model.off("change", show);
}
export default { render };
