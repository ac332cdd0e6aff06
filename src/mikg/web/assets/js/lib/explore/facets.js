// The filters with their counts: kinds (which is also the legend), relations, documents, speakers, statuses, communities, years.
import { el, mark, number, t } from './words.js';

const FACETS = ['kind', 'relation', 'document', 'speaker', 'community'];
const TITLES = { kind: 'Kinds', relation: 'Relations', document: 'Documents', speaker: 'Said by', community: 'Communities', status: 'Also drawn' };
const FIRST = 10; // values shown before “more”

export class Facets {
  constructor(host, session) {
    Object.assign(this, { host, session, open: new Set(['kind', 'relation']), all: new Set() });
    session.addEventListener('show', () => this.draw());
  }

  draw() {
    const { session } = this;
    const { view, state } = session;
    const focused = document.activeElement?.dataset?.facet;
    const parts = FACETS.filter((facet) => view.facets[facet].length > (facet === 'kind' || facet === 'relation' ? 0 : 1)).map((facet) => this.facet(facet, view.facets[facet], view.names[facet], state.no));
    this.host.replaceChildren(...parts.slice(0, 2), this.years(view, state), this.status(view, state), ...parts.slice(2), this.left());
    if (focused) this.host.querySelector(`[data-facet="${CSS.escape(focused)}"]`)?.focus();
  }

  group(facet, title, ...content) {
    const made = el('details', { class: 'x-facet', open: this.open.has(facet) }, el('summary', {}, title), ...content);
    made.addEventListener('toggle', () => (made.open ? this.open.add(facet) : this.open.delete(facet)));
    return made;
  }

  facet(facet, values, names, no) {
    const off = new Set(no.filter((each) => each.startsWith(`${facet}:`)).map((each) => each.slice(facet.length + 1)));
    const list = this.all.has(facet) ? values : values.slice(0, FIRST);
    return this.group(facet, t(TITLES[facet]),
      el('ul', {}, list.map(([value, count]) => el('li', {},
        el('label', {}, el('input', { type: 'checkbox', checked: !off.has(value), 'data-facet': `${facet}:${value}`, onchange: (event) => this.set(facet, value, !event.target.checked) }), facet === 'kind' ? mark(value) : '', el('span', { lang: facet === 'document' ? 'en' : undefined }, names[value] ?? value)),
        values.length > 1 ? el('button', { type: 'button', class: 'x-only', 'aria-label': t('only {name}', { name: names[value] ?? value }), onclick: () => this.only(facet, value, values) }, t('only')) : '',
        el('span', { class: 'x-count' }, number(count))))),
      values.length > list.length ? el('button', { type: 'button', class: 'x-more', onclick: () => (this.all.add(facet), this.draw()) }, t('{n} more', { n: values.length - list.length })) : '',
      off.size ? el('button', { type: 'button', class: 'x-more', onclick: () => this.session.change({ no: no.filter((each) => !each.startsWith(`${facet}:`)) }) }, t('all again')) : '');
  }

  set(facet, value, off) {
    const no = this.session.state.no.filter((each) => each !== `${facet}:${value}`);
    this.session.change({ no: off ? [...no, `${facet}:${value}`] : no });
  }

  only(facet, value, values) {
    const others = this.session.state.no.filter((each) => !each.startsWith(`${facet}:`));
    this.session.change({ no: [...others, ...values.filter(([each]) => each !== value).map(([each]) => `${facet}:${each}`)] });
  }

  // What is not asserted is drawn only when asked for, dashed.
  status(view, state) {
    const values = view.facets.status.filter(([value]) => value !== 'asserted');
    if (!values.length) return '';
    return this.group('status', t(TITLES.status),
      el('ul', {}, values.map(([value, count]) => el('li', {},
        el('label', {}, el('input', { type: 'checkbox', checked: state.status.includes(value), 'data-facet': `status:${value}`, onchange: ({ target }) => this.session.change({ status: target.checked ? [...state.status, value] : state.status.filter((each) => each !== value) }) }), el('span', {}, view.names.status[value] ?? value)),
        el('span', { class: 'x-count' }, number(count))))),
      el('p', { class: 'soft x-small' }, t('Only what a source asserts is drawn unless you ask for more; the rest is dashed.')));
  }

  // Two ends on one line; each is a slider of its own for the keyboard.
  years(view, state) {
    if (!view.years || view.years[0] === view.years[1]) return '';
    const [first, last] = view.years;
    const since = Math.max(first, Number(state.since) || first);
    const until = Math.min(last, Number(state.until) || last);
    const said = el('output', {}, t('{start} to {end}', { start: since, end: until }));
    const slider = (label, value, name) => el('input', { type: 'range', min: first, max: last, step: 1, value, 'aria-label': label, 'aria-valuetext': String(value), 'data-facet': name });
    const low = slider(t('from year'), since, 'since');
    const high = slider(t('to year'), until, 'until');
    const line = el('div', { class: 'x-years' }, low, high);
    const move = (moved) => {
      if (Number(low.value) > Number(high.value)) (moved === low ? high : low).value = moved.value;
      said.textContent = t('{start} to {end}', { start: low.value, end: high.value });
      for (const each of [low, high]) each.setAttribute('aria-valuetext', each.value);
      line.style.setProperty('--from', (low.value - first) / (last - first));
      line.style.setProperty('--to', (high.value - first) / (last - first));
    };
    move(low);
    for (const each of [low, high]) {
      each.addEventListener('input', () => move(each));
      each.addEventListener('change', () => this.session.change({ since: Number(low.value) > first ? low.value : '', until: Number(high.value) < last ? high.value : '' }));
    }
    this.open.add('years');
    return this.group('years', t('Years'), said, line,
      el('label', { class: 'x-check' }, el('input', { type: 'checkbox', checked: state.undated !== 'no', 'data-facet': 'undated', onchange: ({ target }) => this.session.change({ undated: target.checked ? '' : 'no' }) }), el('span', {}, t('also what bears no date'))));
  }

  // What the filters have left, and the way back.
  left() {
    const { state, shown } = this.session;
    const set = state.no.length || state.since || state.until || state.undated || state.hide.length;
    return el('div', {},
      shown.nodes.length < 2 && set ? el('p', { class: 'empty' }, t('The filters leave nothing to draw.')) : '',
      set ? el('button', { type: 'button', class: 'quiet x-clear', onclick: () => this.session.change({ no: [], since: '', until: '', undated: '', hide: [] }) }, state.hide.length ? t('Clear all filters, show {n} hidden', { n: state.hide.length }) : t('Clear all filters')) : '');
  }
}
