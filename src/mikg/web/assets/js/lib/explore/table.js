// The same relations as a table, with the same filters, sorted by any column.
import { el, mark, number, statusName, t, when } from './words.js';

const FIRST = 100; // rows before “all”
const COLUMNS = [
  ['from', 'From', (edge, name) => name(edge.source)],
  ['relation', 'Relation', (edge) => edge.label],
  ['to', 'To', (edge, name) => name(edge.target)],
  ['when', 'When', (edge) => edge.start || edge.end || '9999'],
  ['status', 'Status', (edge) => (edge.status === 'asserted' ? '' : edge.status)],
  ['passages', 'Passages', (edge) => edge.passages],
];

export class Table {
  constructor(host, session, does) {
    Object.assign(this, { host, session, does, by: 'from', down: false, all: false });
    session.addEventListener('show', () => this.draw());
  }

  rows() {
    const { nodes, edges } = this.session.shown;
    const names = new Map(nodes.map((node) => [node.id, node.name]));
    const key = COLUMNS.find(([name]) => name === this.by)[2];
    const compare = new Intl.Collator(document.documentElement.lang, { numeric: true }).compare;
    const keyed = edges.map((edge) => [String(key(edge, (id) => names.get(id))), edge]);
    keyed.sort((a, b) => compare(a[0], b[0]) || (a[1].id < b[1].id ? -1 : 1));
    if (this.down) keyed.reverse();
    return keyed.map(([, edge]) => edge);
  }

  draw() {
    const rows = this.rows();
    const shown = this.all ? rows : rows.slice(0, FIRST);
    const nodes = new Map(this.session.shown.nodes.map((node) => [node.id, node]));
    const cell = (id) => el('td', {}, el('button', { type: 'button', class: 'x-way', onclick: () => this.does.go(id) }, mark(nodes.get(id).kind), nodes.get(id).name));
    const head = COLUMNS.map(([name, title]) => el('th', { scope: 'col', 'aria-sort': this.by === name ? (this.down ? 'descending' : 'ascending') : 'none', class: name === 'passages' ? 'number' : undefined },
      el('button', { type: 'button', class: 'x-sort', 'data-sort': name, onclick: () => this.sort(name) }, t(title), this.by === name ? (this.down ? ' ↓' : ' ↑') : '')));
    const body = shown.map((edge) => el('tr', {}, cell(edge.source), el('td', {}, edge.label), cell(edge.target), el('td', {}, when(edge)), el('td', {}, statusName(edge.status)),
      el('td', { class: 'number' }, el('button', { type: 'button', class: 'x-way', 'aria-label': t(edge.passages === 1 ? 'read 1 passage' : 'read {n} passages', { n: edge.passages }), onclick: () => this.does.read(edge.id) }, number(edge.passages)))));
    const focused = document.activeElement?.dataset?.sort;
    this.host.replaceChildren(
      el('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': t('Relations as a table') }, el('table', {}, el('thead', {}, el('tr', {}, head)), el('tbody', {}, body))),
      el('p', { class: 'soft' }, rows.length ? t('{n} of {total} relations', { n: number(shown.length), total: number(rows.length) }) : t('No relation is drawn.'), ' ',
        rows.length > shown.length ? el('button', { type: 'button', class: 'x-more', onclick: () => ((this.all = true), this.draw()) }, t('show all')) : ''),
    );
    if (focused) this.host.querySelector(`[data-sort="${focused}"]`)?.focus();
  }

  sort(name) {
    this.down = this.by === name && !this.down;
    this.by = name;
    this.draw();
  }
}
