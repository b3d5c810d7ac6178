// HTML that is replaced when its answer changes: what was folded open stays open, the focus stays, clicks are told.
function render({ model, el }) {
  const keyOf = (node) => node?.dataset?.say ?? node?.dataset?.ask ?? node?.closest?.("details[id]")?.id;
  function show() {
    const folded = new Map([...el.querySelectorAll("details[id]")].map((one) => [one.id, one.open]));
    const focused = el.contains(document.activeElement) ? keyOf(document.activeElement) : undefined;
    el.innerHTML = model.get("html");
    for (const one of el.querySelectorAll("details[id]")) if (folded.has(one.id)) one.open = folded.get(one.id);
    if (focused === undefined) return;
    const again = [...el.querySelectorAll("[data-say], [data-ask], summary")].find((one) => keyOf(one) === focused);
    again?.focus({ preventScroll: true });
  }
  function pressed(event) {
    const button = event.target.closest("[data-say]");
    if (!button) return;
    model.send({ say: button.dataset.say });
    const page = el.closest(".sw-page");
    if (button.dataset.goto) page?.querySelector(button.dataset.goto)?.scrollIntoView({ block: "start" });
  }
  el.addEventListener("click", pressed);
  model.on("change:html", show);
  show();
  return () => { model.off("change:html", show); el.removeEventListener("click", pressed); };
}
export default { render };
