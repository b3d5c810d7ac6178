// Several things to tick, folded behind a line that says how many are ticked.
function render({ model, el }) {
  el.classList.add("sw-checks");
  const id = `sw-checks-${Math.random().toString(36).slice(2)}`;
  const words = model.get("words");
  const summary = element("summary", { id });
  const every = element("button", { type: "button" }, words.every);
  const none = element("button", { type: "button" }, words.none);
  const list = element("div", { role: "group", "aria-labelledby": id });
  el.append(element("details", {}, summary, element("div", { class: "sw-checks-tools" }, every, none), list));
  let waiting;

  const boxes = () => [...list.querySelectorAll("input")];
  function count() {
    const ticked = boxes().filter((box) => box.checked).length;
    const all = boxes().length;
    const said = ticked === all ? words.all_ticked : ticked ? words.some_ticked : words.none_ticked;
    summary.textContent = `${model.get("label")}: ${said.replace("<count>", ticked).replace("<all>", all)}`;
  }
  function tell(pause) {
    count();
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      model.set("chosen", boxes().filter((box) => box.checked).map((box) => box.value));
      model.save_changes();
    }, pause);
  }
  function tickAll(ticked) {
    for (const box of boxes()) box.checked = ticked;
    tell(0);
  }
  function show() {
    const chosen = new Set(model.get("chosen"));
    list.replaceChildren(...model.get("options").map(([value, label]) => {
      const box = element("input", { type: "checkbox", value });
      box.checked = chosen.has(value);
      box.addEventListener("change", () => tell(300));
      return element("label", {}, box, element("span", {}, label));
    }));
    count();
  }
  function tick() {
    const chosen = new Set(model.get("chosen"));
    for (const box of boxes()) box.checked = chosen.has(box.value);
    count();
  }
  every.addEventListener("click", () => tickAll(true));
  none.addEventListener("click", () => tickAll(false));
  model.on("change:options", show);
  model.on("change:chosen", tick);
  show();
  return () => { clearTimeout(waiting); model.off("change:options", show); model.off("change:chosen", tick); };
}
export default { render };
