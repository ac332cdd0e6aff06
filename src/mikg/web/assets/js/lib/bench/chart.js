// A chart of an answer: what stands across and up is guessed from the types of the columns, and can be chosen.
import * as Plot from '@observablehq/plot';
import { names } from './asking.js';
import { count, h, say } from './dom.js';
import { isNumber, value } from './table.js';

const MOST = 2000;
const DATES = /#(date|dateTime|gYear|gYearMonth)$/;

export async function chart(answer) {
  const rows = answer.rows.slice(0, MOST);
  const numeric = answer.columns.filter((column) => rows.some((row) => isNumber(row[column])) && rows.every((row) => !row[column] || isNumber(row[column])));
  if (!numeric.length) return h('p', { class: 'empty' }, say('noChart'));
  const dated = answer.columns.filter((column) => rows.some((row) => DATES.test(row[column]?.datatype ?? '')));
  const named = await names(rows.flatMap((row) => answer.columns.flatMap((column) => (row[column]?.type === 'uri' ? [row[column].value] : []))));
  const texts = answer.columns.filter((column) => !numeric.includes(column) && !dated.includes(column));
  // A name in words is better read than the thing itself.
  const words = texts.find((column) => rows.every((row) => !row[column] || row[column].type === 'literal')) ?? texts[0];
  const state = { x: dated[0] ?? words ?? numeric.find((column) => column !== numeric.at(-1)) ?? answer.columns[0], y: numeric.at(-1), form: '' };
  const once = new Set(rows.map((row) => row[state.x]?.value)).size === rows.length;
  state.form = dated.includes(state.x) ? (once ? 'lines' : 'dots') : numeric.includes(state.x) ? 'dots' : 'bars';
  const drawing = h('div', { class: 'drawing' });

  function read(term, column) {
    if (!term) return null;
    if (numeric.includes(column)) return Number(term.value);
    if (dated.includes(column)) return new Date(/^-?\d{4}$/.test(term.value) ? `${term.value}-01-01` : term.value);
    return (term.type === 'uri' ? (named.get(term.value)?.name ?? value(term)) : term.value).slice(0, 60);
  }
  function draw() {
    const data = rows.map((row) => ({ x: read(row[state.x], state.x), y: read(row[state.y], state.y) })).filter((each) => each.x !== null && each.y !== null);
    const width = Math.max(280, drawing.clientWidth || 700);
    const style = { background: 'none', color: 'inherit', fontFamily: 'inherit', fontSize: '13px', overflow: 'visible' };
    const colour = 'var(--sea)';
    const plain = typeof data[0]?.x === 'string';
    let options;
    if (state.form === 'bars' && plain) {
      const labels = [...new Set(data.map((each) => each.x))];
      const left = Math.min(width * 0.45, 8 + 7.2 * Math.max(...labels.map((label) => label.length)));
      options = { width, height: 60 + 24 * labels.length, marginLeft: left, marginRight: 40, x: { grid: true, label: state.y }, y: { label: null, domain: labels }, marks: [Plot.barX(data, { x: 'y', y: 'x', fill: colour, tip: true }), Plot.ruleX([0])] };
    } else {
      const mark = state.form === 'lines' ? [Plot.line(data, { x: 'x', y: 'y', stroke: colour, sort: 'x' }), Plot.dot(data, { x: 'x', y: 'y', fill: colour, tip: true })] : state.form === 'dots' ? [Plot.dot(data, { x: 'x', y: 'y', fill: colour, tip: true })] : [Plot.ruleX(data, { x: 'x', y: 'y', stroke: colour, strokeWidth: 4, tip: true }), Plot.ruleY([0])];
      options = { width, height: 380, marginLeft: 70, marginRight: 40, x: { label: state.x, ...(plain ? { tickRotate: -35 } : {}) }, y: { grid: true, label: state.y }, marginBottom: plain ? 110 : 45, marks: mark };
    }
    drawing.replaceChildren(Plot.plot({ ...options, style, ariaLabel: `${state.y}, ${state.x}` }));
  }
  const choose = (key, label, items) => h('label', {}, label, ' ', h('select', { onchange: (event) => { state[key] = event.target.value; draw(); } }, items.map(([id, text]) => h('option', { value: id, selected: state[key] === id }, text))));
  const controls = h('div', { class: 'choices' }, choose('x', say('x'), answer.columns.map((each) => [each, each])), choose('y', say('y'), numeric.map((each) => [each, each])), choose('form', say('mark'), ['bars', 'lines', 'dots'].map((each) => [each, say(each)])));
  setTimeout(draw);
  return h('figure', {}, controls, drawing, rows.length < answer.rows.length && h('figcaption', {}, say('cutRows', { n: count(MOST) })));
}
