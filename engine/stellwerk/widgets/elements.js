// An element with its attributes and children; what is undefined or empty is left out.
function element(tag, attributes = {}, ...children) {
  const one = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) one.setAttribute(name, value);
  one.append(...children.filter((child) => child !== undefined && child !== ""));
  return one;
}
