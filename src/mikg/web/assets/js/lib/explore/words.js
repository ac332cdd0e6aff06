// What the server hands to the script: words in the reader's language, shapes and names of kinds, addresses.
export const page = JSON.parse(document.getElementById('explore-page')?.textContent ?? '{}');
page.layout = document.getElementById('x-canvas')?.dataset.layoutWorker;

// t(text, { n: 3 }): the words in the reader's language, with values put in.
export function t(text, values = {}) {
  return (page.words?.[text] ?? text).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export const kindName = (kind) => page.kinds?.[kind] ?? kind;
export const statusName = (status) => page.statuses?.[status] ?? status;
export const number = (value) => value.toLocaleString(document.documentElement.lang || 'en', { useGrouping: 'always' });

// An element with attributes and children: el('button', { type: 'button', onclick }, 'Fit').
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ''));
  return made;
}

// The mark of a kind, the same shape as in chips and drawings.
export function mark(kind) {
  const name = page.shapes?.[kind] ? kind : 'thing';
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', `mark kind-${name}`);
  svg.setAttribute('viewBox', '0 0 12 12');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(svg.namespaceURI, 'path');
  path.setAttribute('d', page.shapes?.[name] ?? '');
  svg.append(path);
  return svg;
}

// The period of an edge in words: '2019', '2019 to 2022', 'since 2021', ''.
export function when({ start, end }) {
  if (start && end) return start === end ? `${start}` : t('{start} to {end}', { start, end });
  if (start) return t('since {start}', { start });
  return end ? t('until {end}', { end }) : '';
}
