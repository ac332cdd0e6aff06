// Elements without markup: what comes from the graph is only ever text.
const WORDS = JSON.parse(document.getElementById('words').textContent);
const SVG = 'http://www.w3.org/2000/svg';

export function say(key, values = {}) {
  return (WORDS[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function count(number) {
  return number.toLocaleString(document.documentElement.lang, { useGrouping: 'always' });
}

// h('a', { href, class: 'chip', onclick }, 'text', element, ...)
export function h(name, attributes = {}, ...inside) {
  const element = ['svg', 'path', 'g', 'circle', 'text', 'line', 'title', 'rect'].includes(name) ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...inside.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false));
  return element;
}

export async function post(path, body) {
  const json = typeof body !== 'string';
  const answer = await fetch(path, { method: 'POST', headers: { 'Content-Type': json ? 'application/json' : 'application/sparql-query', Accept: 'application/json' }, body: json ? JSON.stringify(body) : body });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

const PREFIXES = {};
export function known(prefixes) {
  Object.assign(PREFIXES, prefixes);
}
export function prefixes() {
  return PREFIXES;
}
export function shorten(iri) {
  let best = null;
  for (const [prefix, namespace] of Object.entries(PREFIXES)) {
    if (iri.startsWith(namespace) && iri.length > namespace.length && (!best || namespace.length > PREFIXES[best].length)) best = prefix;
  }
  return best === null ? `<${iri}>` : `${best}:${iri.slice(PREFIXES[best].length)}`;
}
