// The rows of an answer: a hundred at a time, names beside IRIs, sorted and filtered by column, each row with its sources.
import { mark, names } from './asking.js';
import { count, h, say, shorten } from './dom.js';
import { sources } from './sources.js';

const PAGE = 100;
const CUT = 1000;
const NUMBERS = /#(integer|decimal|double|float|int|long|short|byte|nonNegativeInteger|positiveInteger|unsignedInt)$/;
const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });

export function isNumber(term) {
  return term?.type === 'literal' && NUMBERS.test(term.datatype ?? '') && term.value.trim() !== '' && Number.isFinite(Number(term.value));
}

export function value(term) {
  if (!term) return '';
  if (term.type === 'triple') return `<< ${['subject', 'predicate', 'object'].map((part) => value(term.value[part])).join(' ')} >>`;
  return term.type === 'uri' ? shorten(term.value) : term.value;
}

export function cell(term, named) {
  if (!term) return '';
  if (term.type === 'bnode') return h('span', { class: 'iri' }, `_:${term.value.slice(0, 40)}`);
  if (term.type === 'triple') return h('span', {}, h('span', { class: 'iri' }, '<< '), ...['subject', 'predicate', 'object'].flatMap((part) => [cell(term.value[part], named), ' ']), h('span', { class: 'iri' }, '>>'));
  if (term.type === 'uri') {
    const thing = named.get(term.value);
    const safe = /^https?:/.test(term.value);
    if (thing?.known) return h('a', { class: 'chip', href: thing.page, title: shorten(term.value) }, mark(thing), h('span', { lang: thing.language || null }, thing.name));
    const short = shorten(term.value).replace(/^<|>$/g, '');
    return safe ? h('a', { class: 'iri', href: thing?.page ?? term.value, title: term.value }, short) : h('span', { class: 'iri', title: term.value }, short);
  }
  const long = term.value.length > CUT;
  const text = h('bdi', { lang: term['xml:lang'] ?? null, title: term['xml:lang'] ? `@${term['xml:lang']}` : term.datatype ? shorten(term.datatype) : null }, long ? term.value.slice(0, CUT) : term.value);
  return long ? h('span', {}, text, h('span', { class: 'soft' }, `… ${say('characters', { n: count(term.value.length) })}`)) : text;
}

export function table(answer, query) {
  const state = { page: 0, by: null, down: false, filters: {} };
  let order = answer.rows.map((_, index) => index);
  const body = h('tbody');
  const pager = h('p', { class: 'small pager' });
  const heads = answer.columns.map((column) => {
    const button = h('button', { type: 'button', class: 'sort', onclick: () => sort(column) }, column);
    const filter = h('input', { type: 'search', size: 4, 'aria-label': say('filterBy', { column }), placeholder: say('filter'), oninput: () => narrow(column, filter.value) });
    return h('th', { scope: 'col' }, button, filter);
  });
  const cited = answer.cited?.rows?.length ? answer.cited : null;
  const head = h('tr', {}, h('th', { scope: 'col', class: 'nth' }, say('nth')), heads, cited && h('th', { scope: 'col' }, say('restsOn')));
  const frame = h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': say('table') }, h('table', { class: 'answer' }, h('thead', {}, head), body));

  function sort(column) {
    state.down = state.by === column ? !state.down : false;
    state.by = column;
    heads.forEach((th, index) => (answer.columns[index] === column ? th.setAttribute('aria-sort', state.down ? 'descending' : 'ascending') : th.removeAttribute('aria-sort')));
    arrange();
  }
  let waiting = 0;
  function narrow(column, text) {
    state.filters[column] = text.trim().toLowerCase();
    clearTimeout(waiting);
    waiting = setTimeout(arrange, answer.rows.length > 5000 ? 250 : 60);
  }
  async function arrange() {
    const wanted = Object.entries(state.filters).filter(([, text]) => text);
    order = [];
    // Names count too, where they are known: those of the rows that have been in view.
    const named = await names([]);
    const text = (term) => `${value(term)} ${term?.type === 'uri' ? (named.get(term.value)?.name ?? '') : ''}`.toLowerCase();
    for (let index = 0; index < answer.rows.length; index += 1) {
      if (wanted.every(([column, part]) => text(answer.rows[index][column]).includes(part))) order.push(index);
    }
    if (state.by) {
      // Each value is compared once, however many rows bear it: names are compared by the letters of a language, which takes its time.
      const made = new Map();
      const keys = answer.rows.map(({ [state.by]: term }) => {
        const whole = term?.type === 'triple' ? term : `${term?.type} ${term?.datatype} ${term?.value}`;
        if (!made.has(whole)) made.set(whole, key(term));
        return made.get(whole);
      });
      const ranks = new Map([...new Set(order.map((index) => keys[index]))].sort(compare).map((each, rank) => [each, rank]));
      order.sort((one, other) => ranks.get(keys[one]) - ranks.get(keys[other]) || one - other);
      if (state.down) order.reverse();
    }
    state.page = 0;
    show();
  }

  async function show() {
    const rows = order.slice(state.page * PAGE, (state.page + 1) * PAGE);
    const iris = rows.flatMap((index) => answer.columns.flatMap((column) => iriOf(answer.rows[index][column])));
    const named = await names(iris);
    body.replaceChildren(...rows.map((index) => row(index, named)));
    const last = Math.max(0, Math.ceil(order.length / PAGE) - 1);
    const to = (page, key, disabled) => h('button', { type: 'button', class: 'quiet', disabled, onclick: () => { state.page = page; show(); frame.scrollTop = 0; } }, say(key));
    const range = say('range', { a: count(order.length ? state.page * PAGE + 1 : 0), b: count(Math.min((state.page + 1) * PAGE, order.length)), n: count(order.length) });
    pager.replaceChildren(...(last ? [to(0, 'first', !state.page), to(state.page - 1, 'before', !state.page)] : []), h('span', { class: 'soft' }, order.length < answer.rows.length ? say('kept', { n: count(order.length) }) + '; ' + range : range), ...(last ? [to(state.page + 1, 'next', state.page === last), to(last, 'last', state.page === last)] : []));
  }

  function row(index, named) {
    const data = answer.rows[index];
    const opener = answer.graph ? String(index + 1) : h('button', { type: 'button', class: 'cite', 'aria-expanded': 'false', 'aria-label': say('sourcesOf', { n: index + 1 }), onclick: (event) => open(event.currentTarget, index) }, String(index + 1));
    const cells = answer.columns.map((column) => h('td', { class: isNumber(data[column]) ? 'number' : null }, cell(data[column], named)));
    return h('tr', {}, h('td', { class: 'nth' }, opener), cells, cited && h('td', { class: 'rests' }, brief(cited, index)));
  }
  async function open(button, index) {
    const line = button.closest('tr');
    if (button.getAttribute('aria-expanded') === 'true') {
      button.setAttribute('aria-expanded', 'false');
      line.nextElementSibling.remove();
      return;
    }
    button.setAttribute('aria-expanded', 'true');
    const place = h('td', { colspan: answer.columns.length + 1 + Boolean(cited) }, h('p', { class: 'soft', role: 'status' }, say('looking')));
    line.after(h('tr', { class: 'sources' }, place));
    place.replaceChildren(await sources(answer, query, index));
  }
  show();
  return h('div', {}, frame, pager);
}

function brief(cited, index) {
  const numbers = new Map(cited.passages.map((each, place) => [each.iri, place + 1]));
  const row = cited.rows[index];
  return row ? row.derivations.map((way) => way.map((iri) => numbers.get(iri)).sort((a, b) => a - b).join('+')).join(` ${say('or')} `) || '–' : '';
}

function iriOf(term) {
  if (term?.type === 'triple') return ['subject', 'predicate', 'object'].flatMap((part) => iriOf(term.value[part]));
  return term?.type === 'uri' ? [term.value] : [];
}

function key(term) {
  return isNumber(term) ? Number(term.value) : value(term);
}

function compare(one, other) {
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  if (typeof one !== typeof other) return typeof one === 'number' ? -1 : 1;
  return one === other ? 0 : collator.compare(one, other);
}
