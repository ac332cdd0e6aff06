// The canvas with all that happens on it: layouts, hovering, selecting, dragging, touching, paths.
import { t } from './words.js';
import { Drawing } from './drawing.js';
import { Labels } from './labels.js';
import { Walk } from './keyboard.js';
import { MANY, discs, force, grid, time, tree } from './layouts.js';
import { pack, unpack } from './state.js';

export class Stage {
  constructor(host, session, does) {
    Object.assign(this, { host, session, does, ready: Promise.resolve(), turn: 0, restore: false });
    session.addEventListener('show', ({ detail }) => {
      this.ready = this.show(detail.before);
    });
  }

  async first() {
    this.drawing = new Drawing(this.host, this.session.view.nodes.length);
    this.cy = this.drawing.cy;
    this.labels = new Labels(this.drawing, this.host);
    this.host.setAttribute('role', 'application'); // from here the keys are those of the drawing
    this.host.setAttribute('aria-label', this.host.dataset.walked);
    this.walk = new Walk(this.host, this.drawing, {
      ...this.does,
      first: () => this.session.state.start[0],
      about: (id) => this.session.node(id),
      relation: (id) => this.about(id),
      at: (node, edge) => this.at(node, edge),
      read: (element) => this.does.read(element),
    });
    this.listen();
  }

  about(id) {
    const edge = this.session.edge(id);
    return { ...edge, relation: edge.label, source: this.session.node(edge.source).name, target: this.session.node(edge.target).name, n: edge.statements.reduce((sum, each) => sum + each.passages, 0) };
  }

  async show(before) {
    const mine = ++this.turn;
    const { shown, state } = this.session;
    const came = await this.drawing.show(shown, new Set(state.pin));
    if (mine !== this.turn) return;
    const ids = shown.nodes.map((node) => node.id);
    const kept = this.restore || (before && before.at !== state.at) ? unpack(state.at, ids) : null;
    const other = !before || before.layout !== state.layout;
    if (this.restore && state.at && !kept) this.does.say(t('The places in the address are of another drawing; the layout is made anew.'));
    this.restore = false;
    if (kept) {
      this.axis(shown, state);
      await this.drawing.place(kept, { fit: !before });
    } else if (came.length || other) await this.layout(other || came.length > 0.5 * ids.length);
    if (mine !== this.turn) return;
    this.host.classList.add('x-live'); // until here the picture of the page stands
    this.marks();
    if (state.select && this.cy.getElementById(state.select).nonempty()) this.select(state.select, { quiet: Boolean(before) });
    this.keep();
  }

  axis(shown, state) {
    this.labels.axis = state.layout === 'time' ? time(shown.nodes, shown.edges).marks : [];
    this.labels.flat = state.layout === 'tree';
    this.drawing.named = this.labels.flat ? 'right' : '';
    this.host.dataset.layout = state.layout || 'force';
  }

  // Lay all out anew, or move what is there as little as needed.
  async layout(fresh = true) {
    const { shown, state } = this.session;
    this.axis(shown, state);
    const pinned = new Set(state.pin);
    const edges = shown.drawn.map((edge) => [edge.source, edge.target]);
    let positions;
    if (!edges.length) positions = grid(shown.nodes);
    else if (state.layout === 'tree') positions = tree(shown.nodes.map((node) => node.id), edges, state.start);
    else if (state.layout === 'time') positions = time(shown.nodes, shown.edges).positions;
    else if (shown.nodes.length > MANY) positions = discs(shown.nodes);
    else {
      const nodes = this.cy.nodes().map((node) => ({ id: node.id(), size: node.data('size'), ...node.position(), fixed: pinned.has(node.id()) }));
      try {
        positions = await force(nodes, edges, fresh);
      } catch (fault) {
        return this.does.say(fault.message, true);
      }
      if (!positions) return undefined;
    }
    for (const id of pinned) if (this.cy.getElementById(id).nonempty() && state.layout !== 'time') positions[id] = { ...this.cy.getElementById(id).position() };
    await this.drawing.place(positions);
    this.labels.soon();
    return undefined;
  }

  keep() {
    this.session.note({ at: pack(this.drawing.positions()) });
  }

  listen() {
    const { cy, does } = this;
    cy.on('tap', (event) => {
      if (event.target === cy) this.select('');
      else this.select(event.target.id());
    });
    cy.on('dbltap', 'node', ({ target }) => does.open(target.id()));
    cy.on('taphold', 'node', ({ target }) => {
      this.select(target.id());
      does.open(target.id());
    });
    cy.on('dragfree', 'node', ({ target }) => {
      const { state } = this.session;
      const at = pack(this.drawing.positions());
      if (state.pin.includes(target.id())) this.session.note({ at });
      else this.session.change({ pin: [...state.pin, target.id()], at });
    });
    cy.on('mouseover', 'node, edge', ({ target }) => this.hover(target));
    cy.on('mouseout', 'node, edge', () => this.hover(null));
    cy.on('grab', () => this.hover(null));
    new ResizeObserver(() => cy.resize()).observe(this.host);
  }

  // Dim all but the neighbourhood, and name its edges where these are few.
  hover(element) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      if (!element || element.removed()) return this.marks();
      const around = element.isNode() ? element.closedNeighborhood() : element.union(element.connectedNodes());
      if (this.cy.nodes().length < 1200) this.drawing.only(around);
      const edges = element.isNode() ? element.connectedEdges(':visible') : element;
      this.labels.force(around.nodes().map((node) => node.id()).slice(0, 60), edges.length <= 14 ? edges.toArray() : []);
      return undefined;
    }, element ? 70 : 120);
  }

  // What stands out when nothing is hovered: the selection, else the path.
  marks() {
    const chosen = this.cy.elements(':selected');
    const way = this.cy.elements('.on');
    this.cy.elements('.end').removeClass('end');
    if (chosen.nonempty()) {
      const around = chosen.isNode() ? chosen.closedNeighborhood() : chosen.union(chosen.connectedNodes());
      this.drawing.only(around.union(way.connectedNodes()).union(way));
      this.labels.force(around.nodes().map((node) => node.id()).slice(0, 40), chosen.isEdge() ? chosen.toArray() : []);
    } else if (way.nonempty()) {
      this.drawing.only(way.union(way.connectedNodes()));
      this.labels.force(way.connectedNodes().map((node) => node.id()), way.toArray());
    } else {
      this.drawing.only(null);
      this.labels.force([]);
    }
  }

  at(node, edge) {
    const around = edge ? edge.union(edge.connectedNodes()) : node.closedNeighborhood();
    this.drawing.only(around);
    this.labels.force(around.nodes().map((each) => each.id()).slice(0, 40), edge ? [edge] : []);
  }

  select(id, { center = false, quiet = false } = {}) {
    const { cy } = this;
    cy.elements(':selected').unselect();
    const shown = id && !cy.getElementById(id).nonempty() ? this.session.edge(id)?.id : id;
    const element = shown ? cy.getElementById(shown) : cy.collection();
    if (element.nonempty()) {
      element.select();
      if (element.isNode()) this.walk.here = element;
      if (center) cy.center(element);
    }
    this.marks();
    if (!quiet) this.does.selected(element.nonempty() ? shown : '');
  }

  // The shortest way between two things in what is drawn, along what is drawn.
  way(from, to) {
    const [root, goal] = [this.cy.getElementById(from), this.cy.getElementById(to)];
    this.cy.elements('.on').removeClass('on');
    if (root.empty() || goal.empty()) return null;
    const found = this.cy.elements(':visible').aStar({ root, goal, weight: (edge) => 1 + Math.log2(1 + Math.max(edge.source().degree(), edge.target().degree())) / 8 });
    if (!found.found) return null;
    return this.follow(found.path.edges().map((edge) => edge.id()));
  }

  follow(ids) {
    this.cy.elements('.on').removeClass('on');
    const edges = ids.map((id) => this.session.edge(id)).filter(Boolean);
    for (const edge of edges) this.cy.getElementById(edge.id).addClass('on').connectedNodes().addClass('end');
    this.cy.elements(':selected').unselect();
    this.marks();
    return edges;
  }
}
