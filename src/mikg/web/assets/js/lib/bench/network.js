// An answer as a drawing of what is connected: triples, or the first two columns of things.
import cytoscape from 'cytoscape';
import { places } from '../force.js';
import { names } from './asking.js';
import { count, h, say } from './dom.js';
import { value } from './table.js';

const MOST = 250;

export async function network(answer, query) {
  const [from, by, to] = columns(answer);
  if (!from) return h('p', { class: 'empty' }, say('noNetwork'));
  const all = answer.rows.filter((row) => isThing(row[from]) && isThing(row[to]));
  const rows = all.slice(0, MOST);
  if (!rows.length) return h('p', { class: 'empty' }, say('noNetwork'));
  const named = await names(rows.flatMap((row) => [row[from], row[to], row[by]].filter((term) => term?.type === 'uri').map((term) => term.value)));
  const called = (term) => {
    const name = term?.type === 'uri' ? (named.get(term.value)?.name ?? value(term)) : value(term);
    return name.length > 50 ? `${name.slice(0, 49).replace(/\s+\S*$/, '')} …` : name;
  };
  const probe = h('span', { style: 'forced-color-adjust: none' });
  document.body.append(probe);
  const computed = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const nodes = new Map();
  const edges = new Map();
  for (const row of rows) {
    for (const term of [row[from], row[to]]) {
      const thing = named.get(term.value);
      const kind = thing?.kind ?? 'thing';
      nodes.set(term.value, { data: { id: term.value, label: called(term), colour: computed(`--c-${kind}`), page: thing?.page ?? null } });
    }
    const id = `${row[from].value}→${row[to].value}→${row[by]?.value ?? ''}`;
    edges.set(id, { data: { id, source: row[from].value, target: row[to].value, label: by ? called(row[by]) : '' } });
  }
  const style = { ink: computed('--ink'), line: computed('--line'), paper: computed('--paper'), font: getComputedStyle(document.body).fontFamily };
  probe.remove();
  // To who does not see it: the first of its lines, each by its ends; the table has all.
  const lines = [...edges.values()].slice(0, 20).map(({ data }) => `${nodes.get(data.source).data.label} – ${nodes.get(data.target).data.label}`);
  const place = h('div', { class: 'network', role: 'img', 'aria-label': `${say('network')}: ${lines.join('; ')}${edges.size > lines.length ? '; …' : ''}` });
  const at = places([...nodes.keys()].map((id) => ({ id })), [...edges.values()].map(({ data }) => [data.source, data.target]));
  setTimeout(() => {
    const cy = cytoscape({
      container: place,
      elements: [...nodes.values(), ...edges.values()],
      style: [
        { selector: 'node', style: { label: 'data(label)', 'font-family': style.font, 'background-color': 'data(colour)', color: style.ink, width: 14, height: 14, 'font-size': 11, 'text-wrap': 'wrap', 'text-max-width': 120, 'text-outline-color': style.paper, 'text-outline-width': 2, 'text-valign': 'bottom', 'text-margin-y': 3 } },
        { selector: 'edge', style: { width: 1.2, 'line-color': style.line, 'target-arrow-color': style.line, 'target-arrow-shape': by ? 'triangle' : 'none', 'arrow-scale': 0.7, 'curve-style': 'bezier', label: edges.size <= 30 ? 'data(label)' : '', 'font-family': style.font, color: style.ink, 'font-size': 9, 'text-rotation': 'autorotate', 'text-outline-color': style.paper, 'text-outline-width': 2 } },
      ],
      layout: { name: 'preset', positions: (node) => at[node.id()], fit: true, padding: 30 },
    });
    if (cy.zoom() > 1.3) cy.zoom(1.3).center(); // few things are not blown up
    cy.on('tap', 'node', (event) => event.target.data('page') && location.assign(event.target.data('page')));
    place.dataset.drawn = String(nodes.size);
  });
  const note = all.length > MOST ? say('tooMany', { n: count(MOST), all: count(all.length) }) : '';
  return h('figure', {}, place, h('figcaption', {}, note, ' ', h('a', { href: `/explore?${new URLSearchParams({ query })}` }, say('explore'))));
}

function columns(answer) {
  const { columns: names } = answer;
  const pick = (...wanted) => wanted.find((name) => names.includes(name));
  const [s, p, o] = [pick('subject', 's'), pick('predicate', 'p', 'property'), pick('object', 'o')];
  if (s && o) return [s, p, o];
  const things = names.filter((column) => answer.rows.slice(0, 200).some((row) => row[column]?.type === 'uri' && !/\/document\/[^/]+\/|\/graph\//.test(row[column].value)));
  return things.length >= 3 && /predicate|property|relation|tie/i.test(things[1]) ? things.slice(0, 3) : things.length >= 2 ? [things[0], null, things[1]] : [];
}

function isThing(term) {
  return term?.type === 'uri' || term?.type === 'bnode';
}
