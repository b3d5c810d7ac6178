// Numbers as people write them: 28.000 and 28000 in German, 0,25 and 0.25 alike; nothing that could be two numbers.
const MARKS = { de: { group: ".", point: "," }, en: { group: ",", point: "." } };

// The number that was typed, or null. A dot between groups of three counts as the language's: 1.234 is German for 1234.
function parsedNumber(typed, language) {
  const { group, point } = MARKS[language] ?? MARKS.en;
  const written = typed.replace(/[\s\u00a0\u202f'’]/g, "").replace("\u2212", "-");
  const grouped = new RegExp(`^-?[1-9]\\d{0,2}(\\${group}\\d{3})+(\\${point}\\d*)?$`);
  if (grouped.test(written)) return Number(written.replaceAll(group, "").replace(point, "."));
  if (new RegExp(`^-?\\d+(\\${point}\\d*)?$`).test(written)) return Number(written.replace(point, "."));
  const foreign = new RegExp(`^-?\\d+\\${group}\\d+$`);
  return foreign.test(written) ? Number(written.replace(group, ".")) : null;
}

// A number with the language's separators and so many decimal places.
function shownNumber(value, language, places) {
  return value.toLocaleString(language, { minimumFractionDigits: places, maximumFractionDigits: Math.max(places, 4) });
}

function placesOf(step) {
  return (String(step).split(".")[1] ?? "").length;
}
