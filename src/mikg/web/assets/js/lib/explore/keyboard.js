// The walk by keyboard: the canvas is one stop, and a status line says where one is.
import { kindName, number, t, when } from './words.js';

export const KEYS = [
  ['← → ↑ ↓', 'to the nearest thing in that direction'],
  ['Enter', 'open all neighbours of the thing'],
  ['e', 'the next relation of the thing; Shift+E the one before'],
  ['Space', 'read the passages of the thing or relation'],
  ['p', 'pin or unpin'],
  ['h', 'hide'],
  ['Backspace', 'undo; Shift+Backspace does it again'],
  ['f', 'find in the drawing'],
  ['+ − 0', 'closer, farther, all of it'],
  ['Home', 'to where the drawing begins'],
  ['Esc', 'leave the relation, then the selection'],
  ['?', 'this help'],
];

export class Walk {
  constructor(host, drawing, does) {
    Object.assign(this, { drawing, does, here: null, along: -1 });
    host.addEventListener('keydown', (event) => this.key(event));
    host.addEventListener('focus', () => this.here ?? this.begin());
  }

  begin() {
    const { cy } = this.drawing;
    const start = cy.nodes(':visible').filter((node) => node.id() === this.does.first());
    this.to(start.nonempty() ? start.first() : cy.nodes(':visible').max((node) => node.data('shown')).ele);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      if (event.key.toLowerCase() === 'z' && !event.altKey) event.preventDefault(), event.shiftKey ? this.does.redo() : this.does.undo();
      return;
    }
    const act = {
      ArrowLeft: () => this.toward(-1, 0), ArrowRight: () => this.toward(1, 0), ArrowUp: () => this.toward(0, -1), ArrowDown: () => this.toward(0, 1),
      Enter: () => this.node() && this.does.open(this.node().id()),
      e: () => this.relation(1), E: () => this.relation(-1),
      ' ': () => this.here && this.does.read(this.edge() ?? this.node()),
      p: () => this.node() && this.does.pin(this.node().id()),
      h: () => this.node() && this.does.hide(this.node().id()),
      Backspace: () => (event.shiftKey ? this.does.redo() : this.does.undo()),
      f: () => this.does.find(), '/': () => this.does.find(),
      '+': () => this.zoom(1.3), '=': () => this.zoom(1.3), '-': () => this.zoom(1 / 1.3), 0: () => this.drawing.fit(),
      Home: () => this.begin(),
      Escape: () => this.leave(),
      '?': () => this.does.help(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  node() {
    return this.here?.inside() && this.here.visible() ? this.here : null;
  }

  edge() {
    return this.along >= 0 ? this.edges()[this.along] : null;
  }

  // The edges of the node one is on, around the clock.
  edges() {
    const node = this.node();
    if (!node) return [];
    const angle = (edge) => {
      const [a, b] = [node.position(), this.other(edge).position()];
      return Math.atan2(b.y - a.y, b.x - a.x);
    };
    return node.connectedEdges(':visible').toArray().sort((a, b) => angle(a) - angle(b) || (a.id() < b.id() ? -1 : 1));
  }

  other(edge) {
    return edge.source().same(this.here) ? edge.target() : edge.source();
  }

  // The nearest node within 60 degrees of a direction; along a chosen relation, its other end.
  toward(dx, dy) {
    if (!this.node()) return this.begin();
    if (this.edge()) return this.to(this.other(this.edge()));
    const from = this.here.position();
    let best = null;
    let least = Infinity;
    this.drawing.cy.nodes(':visible').forEach((node) => {
      const [x, y] = [node.position('x') - from.x, node.position('y') - from.y];
      const ahead = x * dx + y * dy;
      const aside = Math.abs(x * dy - y * dx);
      if (node.same(this.here) || ahead <= 0 || aside > ahead * 1.75) return;
      const cost = ahead + 2 * aside;
      if (cost < least) [best, least] = [node, cost];
    });
    return best ? this.to(best) : this.does.say(t('Nothing lies farther in that direction.'));
  }

  to(node) {
    if (!node || node.empty?.()) return this.does.say(t('Nothing is drawn.'));
    this.drawing.cy.elements('.here').removeClass('here');
    this.here = node.addClass('here');
    this.along = -1;
    this.reveal(node);
    this.does.at(node, null);
    const { name, kind, degree } = this.does.about(node.id());
    this.does.say(t('{name}, {kind}; {shown} of {all} relations drawn; {order} of {total}.', { name, kind: kindName(kind), shown: number(node.connectedEdges(':visible').length), all: number(degree), order: number(this.order(node)), total: number(this.drawing.cy.nodes(':visible').length) }));
  }

  order(node) {
    return this.drawing.cy.nodes(':visible').toArray().indexOf(node) + 1;
  }

  relation(step) {
    const edges = this.edges();
    if (!edges.length) return this.does.say(t('No relation is drawn here.'));
    this.along = (this.along + step + edges.length + (this.along < 0 && step < 0 ? 1 : 0)) % edges.length;
    const edge = edges[this.along];
    this.drawing.cy.elements('.here').removeClass('here');
    this.here.addClass('here');
    edge.addClass('here');
    this.does.at(this.here, edge);
    const about = this.does.relation(edge.id());
    this.does.say(t('{order} of {total}: {source}, {relation}, {target}{when}; {status}; passages: {n}, read with Space; an arrow follows it.', { order: this.along + 1, total: edges.length, ...about, when: when(about) ? `, ${when(about)}` : '' }));
    return undefined;
  }

  leave() {
    if (this.along >= 0) return this.to(this.here);
    this.does.leave();
    return this.does.say(t('Nothing is selected.'));
  }

  zoom(factor) {
    const { cy } = this.drawing;
    cy.zoom({ level: cy.zoom() * factor, renderedPosition: this.node()?.renderedPosition() ?? { x: cy.width() / 2, y: cy.height() / 2 } });
  }

  reveal(node) {
    const { cy } = this.drawing;
    const at = node.renderedPosition();
    if (at.x < 30 || at.y < 30 || at.x > cy.width() - 30 || at.y > cy.height() - 30) cy.center(node);
  }
}
