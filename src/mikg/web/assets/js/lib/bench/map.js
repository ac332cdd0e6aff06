// Where the things of an answer are: WKT points, columns of latitude and longitude, ISO codes, or places that the graph knows.
import { names } from './asking.js';
import { count, h, post, say } from './dom.js';
import { value } from './table.js';

const POINT = /POINT\s*(?:Z\s*)?\(\s*(-?[\d.]+)\s+(-?[\d.]+)/i;
const CODE = /^[A-Z]{2,3}$/;
const MOST = 500;
const ROWS = 5000;

export async function map(answer) {
  const rows = answer.rows.slice(0, ROWS);
  const find = (pattern) => answer.columns.find((column) => pattern.test(column));
  const [lat, long] = [find(/^lat(itude)?$/i), find(/^(long?|lng|longitude)$/i)];
  const points = new Map();
  const add = (x, y, name, page, about) => {
    if (!Number.isFinite(x) || !Number.isFinite(y) || Math.abs(y) > 90 || Math.abs(x) > 180) return;
    const key = `${x.toFixed(3)} ${y.toFixed(3)}`;
    const here = points.get(key) ?? { x, y, name, page, rows: 0 };
    here.rows += 1;
    here.about ??= about;
    points.set(key, here);
  };
  const label = (row) => answer.columns.map((column) => row[column]).find((term) => term?.type === 'literal' && !/^-?[\d.]+$/.test(term.value) && !POINT.test(term.value));
  const wanted = new Set();
  for (const row of rows) {
    for (const term of Object.values(row)) if (term.type === 'uri' || (term.type === 'literal' && CODE.test(term.value))) wanted.add(term.value);
  }
  const named = await names([...wanted].filter((each) => !CODE.test(each)).slice(0, 400));
  let capitals = false;
  for (const row of rows) {
    if (lat && long && row[lat] && row[long]) add(Number(row[long].value), Number(row[lat].value), label(row)?.value ?? '');
    for (const term of Object.values(row)) {
      const found = term.type === 'literal' && term.value.length < 10_000 && term.value.match(POINT);
      const thing = found && Object.values(row).map((each) => named.get(each.value)).find((each) => each?.known);
      if (found) add(Number(found[1]), Number(found[2]), label(row)?.value ?? thing?.name ?? value(term).slice(0, 40), thing?.page ?? null);
    }
  }
  if (!points.size && wanted.size) {
    const places = {};
    const list = [...wanted].slice(0, 2000);
    for (let start = 0; start < list.length; start += 400) Object.assign(places, await post('/api/places.json', list.slice(start, start + 400)));
    const called = await names(Object.keys(places).filter((each) => !CODE.test(each)).slice(0, MOST));
    for (const row of rows) {
      for (const term of Object.values(row)) {
        const place = places[term.value];
        if (!place) continue;
        capitals = true;
        const thing = called.get(term.value);
        add(place.long, place.lat, thing?.name ?? value(term), thing?.page ?? null);
      }
    }
  }
  if (!points.size) return h('p', { class: 'empty' }, say('noMap'));
  const reply = await fetch('/api/outlines.json');
  const { rings, attribution } = reply.ok ? await reply.json() : { rings: [], attribution: '' };
  const all = [...points.values()];
  const notes = [answer.rows.length > ROWS && say('whereFrom', { n: count(ROWS), all: count(answer.rows.length) }), all.length > MOST && say('places', { n: count(MOST), all: count(all.length) }), capitals && say('capitals'), rings.length > 0 && `${say('outlines')} ${attribution}`];
  return h('figure', {}, draw(all.slice(0, MOST), rings), h('figcaption', {}, notes.filter(Boolean).join(' ')));
}

function draw(points, rings) {
  // Mercator over the box of the points, with a margin: the outlines that the page of the map has, on a graticule.
  const mercator = (y) => (Math.log(Math.tan(Math.PI / 4 + (Math.max(-85, Math.min(85, y)) * Math.PI) / 360)) * 180) / Math.PI;
  const xs = points.map((each) => each.x);
  const ys = points.map((each) => mercator(each.y));
  const span = Math.max(Math.max(...xs) - Math.min(...xs), (Math.max(...ys) - Math.min(...ys)) * 1.6, 6) * 1.3;
  const [cx, cy] = [(Math.max(...xs) + Math.min(...xs)) / 2, (Math.max(...ys) + Math.min(...ys)) / 2];
  const [width, height] = [800, 500];
  const scale = width / span;
  const X = (x) => width / 2 + (x - cx) * scale;
  const Y = (y) => height / 2 - (mercator(y) - cy) * scale;
  const step = span > 120 ? 30 : span > 40 ? 10 : span > 12 ? 5 : 1;
  const lines = [];
  for (let x = -180; x <= 180; x += step) if (X(x) > 0 && X(x) < width) lines.push(h('line', { x1: X(x), x2: X(x), y1: 0, y2: height, class: 'grid' }), h('text', { x: X(x) + 4, y: height - 6, class: 'degree' }, `${Math.abs(x)}°${x < 0 ? 'W' : 'E'}`));
  for (let y = -80; y <= 80; y += step) if (Y(y) > 0 && Y(y) < height) lines.push(h('line', { y1: Y(y), y2: Y(y), x1: 0, x2: width, class: 'grid' }), h('text', { x: 4, y: Y(y) - 4, class: 'degree' }, `${Math.abs(y)}°${y < 0 ? 'S' : 'N'}`));
  const near = ([x, y]) => x > -width / 2 && x < width * 1.5 && y > -height / 2 && y < height * 1.5;
  const coasts = rings.map((ring) => ring.map(([x, y]) => [X(x), Y(y)])).filter((ring) => ring.some(near));
  const land = h('path', { class: 'land', d: coasts.map((ring) => `M${ring.map((at) => at.map((each) => each.toFixed(1)).join(' ')).join('L')}Z`).join('') });
  const most = Math.max(...points.map((each) => each.rows));
  const taken = [];
  const marks = points.sort((one, other) => other.rows - one.rows).map((each) => {
    const [x, y] = [X(each.x), Y(each.y)];
    const radius = 5 + 11 * Math.sqrt(each.rows / most) * (most > 1);
    const name = each.rows > 1 ? `${each.name} (${count(each.rows)})` : each.name;
    const wide = Math.min(name.length, 40) * 7.5 + radius + 6;
    const left = x + wide > width; // where the frame ends, the name stands on the other side
    const from = left ? x - wide : x - radius;
    const free = !taken.some(([start, end, row]) => Math.abs(row - y) < 16 && from < end && start < from + wide + radius);
    if (free) taken.push([from, from + wide + radius, y]);
    const inside = [h('circle', { cx: x, cy: y, r: radius, class: 'point' }), free && h('text', { x: left ? x - radius - 4 : x + radius + 4, y: y + 4, 'text-anchor': left ? 'end' : 'start', class: 'place' }, name.slice(0, 40)), h('title', {}, name)];
    if (!each.page) return h('g', {}, inside);
    const link = document.createElementNS('http://www.w3.org/2000/svg', 'a');
    link.setAttribute('href', each.page);
    link.setAttribute('aria-label', name);
    link.append(...inside.filter(Boolean));
    return link;
  });
  return h('svg', { viewBox: `0 0 ${width} ${height}`, class: 'map', role: 'group', 'aria-label': say('map') }, land, lines, marks);
}
