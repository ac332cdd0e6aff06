// The side panel: what is selected, what opening it would add, and the passages that say so.
import { el, kindName, mark, number, statusName, t, when } from './words.js';

export class Panel {
  constructor(host, session, does) {
    Object.assign(this, { host, session, does, turn: 0, empty: [...host.childNodes] });
  }

  clear() {
    this.turn += 1;
    this.host.replaceChildren(...this.empty);
  }

  async node(id) {
    const mine = ++this.turn;
    const node = this.session.node(id);
    if (!node) return this.clear();
    const { state } = this.session;
    const pinned = state.pin.includes(id);
    const button = (label, act, about = {}) => el('button', { type: 'button', class: 'quiet', onclick: act, ...about }, label);
    // What is asked for comes in one piece, so that nothing that is being read moves down.
    const asked = el('div', {}, el('p', { class: 'soft' }, t('Reading …')));
    this.host.replaceChildren(
      el('h2', {}, mark(node.kind), node.name),
      el('p', { class: 'soft' }, kindName(node.kind), node.first ? `, ${when({ start: node.first, end: node.last })}` : '', ' · ', el('a', { href: node.page }, t('its page'))),
      el('div', { class: 'x-does' },
        button(t('Open all'), () => this.does.open(id)),
        button(pinned ? t('Unpin') : t('Pin'), () => this.does.pin(id), { 'aria-pressed': String(pinned) }),
        button(t('Hide'), () => this.does.hide(id)),
        button(t('Path from here'), () => this.does.path(id)),
        button(t('Begin here'), () => this.does.begin(id))),
      asked,
    );
    const [known, said] = await Promise.allSettled([this.session.ask(`/api/explore/relations.json?of=${encodeURIComponent(node.iri)}`), this.session.ask(`/api/explore/passages.json?node=${encodeURIComponent(node.iri)}`)]);
    if (mine !== this.turn) return undefined;
    asked.replaceChildren(
      el('h3', {}, t('Relations')),
      el('ul', { class: 'x-relations' }, known.value ? known.value.relations.map((each) => this.relation(id, each)) : el('li', { class: 'soft' }, known.reason.message)),
      el('h3', {}, t('Passages')),
      el('div', { class: 'x-passages' }, this.passages(said)),
    );
    return undefined;
  }

  // One relation with what it would add, and a button for each of its edges that is drawn.
  relation(id, { relation, label, direction, asserted, others }) {
    const { drawn } = this.session.shown;
    const here = drawn.filter((edge) => edge.relation === relation && (direction === 'out' ? edge.source : edge.target) === id);
    const most = asserted + (this.session.state.status.length ? others : 0);
    const count = others && !this.session.state.status.length ? t('{asserted}, and {others} not asserted', { asserted: number(asserted), others: number(others) }) : number(most);
    return el('li', {},
      el('div', { class: 'x-relation' },
        el('span', {}, direction === 'out' ? `${label} →` : `← ${label}`, ' ', el('span', { class: 'soft' }, count)),
        asserted || this.session.state.status.length ? el('button', { type: 'button', class: 'quiet', 'aria-label': t('Open {relation}: {count}', { relation: label, count }), onclick: () => this.does.open(id, relation, direction) }, t('Open')) : ''),
      here.length ? el('ul', {}, here.slice(0, 12).map((edge) => el('li', {}, this.way(edge, id))), here.length > 12 ? el('li', { class: 'soft' }, t('and {n} more in the table', { n: here.length - 12 })) : '') : '');
  }

  way(edge, id) {
    const other = this.session.node(edge.source === id ? edge.target : edge.source);
    return el('button', { type: 'button', class: 'x-way', onclick: () => this.does.read(edge.id) }, mark(other.kind), other.name, edge.status === 'asserted' ? '' : el('span', { class: 'soft' }, ` (${statusName(edge.status)})`));
  }

  async edge(id) {
    const mine = ++this.turn;
    const edge = this.session.edge(id);
    if (!edge) return this.clear();
    const ends = [this.session.node(edge.source), this.session.node(edge.target)];
    const end = (node) => el('button', { type: 'button', class: 'x-way', onclick: () => this.does.go(node.id) }, mark(node.kind), node.name);
    const passages = el('div', { class: 'x-passages' }, el('p', { class: 'soft' }, t('Reading …')));
    const speakers = this.session.view.names.speaker;
    this.host.replaceChildren(
      el('h2', { class: 'x-sentence' }, end(ends[0]), el('span', { class: 'x-verb' }, edge.label), end(ends[1])),
      el('dl', { class: 'x-facts' }, edge.statements.flatMap((each) => [
        el('dt', {}, statusName(each.status)),
        el('dd', {}, [each.speaker ? t('says {speaker}', { speaker: speakers[each.speaker] ?? each.speaker }) : '', when(each), each.capacity].filter(Boolean).map((part, order) => (order ? `; ${part}` : part)),
          each.via ? [' ', el('a', { href: each.via }, t('in full'))] : ''),
      ])),
      el('h3', {}, t('Passages')),
      passages,
    );
    const query = this.session.state.query ? `&query=${encodeURIComponent(this.session.state.query)}` : '';
    const said = await Promise.allSettled([this.session.ask(`/api/explore/passages.json?${edge.statements.map((each) => `edge=${each.id}`).join('&')}${query}`)]);
    if (mine === this.turn) passages.replaceChildren(...this.passages(said[0]));
    return undefined;
  }

  passages({ value, reason }) {
    if (!value) return [el('p', { class: 'fault' }, reason.message)];
    if (!value.passages.length) return [el('p', { class: 'soft' }, t('No passage: it is made by the query or inferred.'))];
    return [
      ...value.passages.map((each) => el('div', { class: 'said' },
        each.gist ? el('p', { lang: 'en' }, each.gist) : '',
        each.quotation ? el('blockquote', { lang: 'en' }, each.quotation) : '',
        el('p', { class: 'soft' }, each.passage ? el('a', { href: each.page }, el('cite', { lang: 'en' }, each.title)) : t('a decision of ours, no passage'), each.standing ? `, ${each.standing}` : ''))),
      value.total > value.passages.length ? el('p', { class: 'soft' }, t('{n} of {total} passages are shown.', { n: value.passages.length, total: value.total })) : '',
    ].filter(Boolean);
  }

  // Several things of one path as a sentence, each hop a button.
  path(edges, words = null) {
    this.turn += 1;
    this.host.replaceChildren(
      el('h2', {}, t('A path of {n} steps', { n: edges.length })),
      el('ol', { class: 'x-path' }, edges.map((edge, order) => el('li', {}, el('button', { type: 'button', class: 'x-way', onclick: () => this.does.read(edge.id) }, words?.[order] ?? `${this.session.node(edge.source).name} — ${edge.label} → ${this.session.node(edge.target).name}`)))),
    );
  }
}

