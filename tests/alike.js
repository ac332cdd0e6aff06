// Run behind axe: what it asks of contrast it then asks of a few texts of each look, as most of a long page is rows that are painted alike.
// Texts look alike that stand in elements of the same names, states and paint up to the root, under and over elements that are alike.
(() => {
  const FEW = 3; // one that something hides says nothing of the others
  const STATES = ["class", "type", "disabled", "aria-disabled", "aria-hidden"];
  const PAINT = [
    ["color", "backgroundColor", "backgroundImage", "opacity", "filter", "mixBlendMode", "fill", "clipPath"],
    ["fontSize", "fontWeight", "fontStyle", "textShadow", "textDecorationLine", "webkitTextFillColor", "webkitTextStrokeWidth"],
    ["position", "visibility", "borderBottomColor", "borderBottomWidth"],
  ].flat();
  const numbers = new Map();
  const looks = new WeakMap();
  const look = (element) => {
    if (!element) return 0;
    if (!looks.has(element)) {
      const style = getComputedStyle(element);
      const own = [...STATES.map((name) => element.getAttribute(name)), ...PAINT.map((name) => style[name])];
      const all = JSON.stringify([look(element.parentElement), element.localName, ...own]);
      if (!numbers.has(all)) numbers.set(all, numbers.size + 1);
      looks.set(element, numbers.get(all));
    }
    return looks.get(element);
  };
  const meet = (one, other) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
  const says = (element) =>
    element.matches("a[href], [role=link], input, select, textarea") || [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());

  const all = [...document.querySelectorAll("body, body *")];
  const lifted = all.filter((each) => !["static", "relative"].includes(getComputedStyle(each).position)).map((each) => [each, each.getBoundingClientRect()]);
  const seen = new Map();
  for (const each of all) {
    each.removeAttribute("data-looked-at");
    if (!says(each) || !each.getClientRects().length) continue;
    const place = each.getBoundingClientRect();
    const near = lifted.filter(([other, its]) => meet(place, its) && !other.contains(each)).map(([other]) => look(other));
    const key = [look(each), ...new Set(near)].join();
    seen.set(key, (seen.get(key) ?? 0) + 1);
    if (seen.get(key) <= FEW) each.setAttribute("data-looked-at", "");
  }
  const rules = { "color-contrast": "[data-looked-at]", "link-in-text-block": ":is(a[href], [role=link])[data-looked-at]" };
  axe.configure({ rules: Object.entries(rules).map(([id, selector]) => ({ id, selector })) });
})();
