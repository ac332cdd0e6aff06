// Names beside the nodes, at the same size at every zoom: the best connected first, each where it covers nothing, the rest on hover.
import { colours } from './drawing.js';

const FONT = '12.5px Inter, system-ui, sans-serif';
const BOLD = '600 12.5px Inter, system-ui, sans-serif';
const LINE = 14.5;
const WIDE = 21; // letters of a line
const SHORT = 15; // letters of a line where there is little room
const CELL = 48;

export class Labels {
  constructor(drawing, host) {
    this.drawing = drawing;
    this.canvas = host.appendChild(document.createElement('canvas'));
    this.canvas.className = 'x-labels';
    this.canvas.setAttribute('aria-hidden', 'true');
    this.context = this.canvas.getContext('2d');
    this.forced = new Set();
    this.edges = [];
    this.axis = [];
    this.places = new Map();
    this.along = new Map();
    this.colours = colours();
    const { cy } = drawing;
    cy.on('render', () => this.draw());
    cy.on('viewport add remove position data resize', () => this.soon());
    cy.on('style', 'node', () => this.soon());
    new MutationObserver(() => this.refresh()).observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class'] });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.refresh());
    document.fonts?.ready.then(() => this.soon());
  }

  refresh() {
    this.colours = colours();
    this.soon();
  }

  // Names that stand in any case (hover, selection), and edges that are named.
  force(nodes, edges = []) {
    this.forced = new Set(nodes);
    this.edges = edges;
    this.soon(0);
  }

  soon(wait = 60) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.arrange();
      this.draw();
    }, wait);
  }

  // Choose a side for as many names as fit; nodes and names already placed are in the way.
  arrange() {
    const { cy } = this.drawing;
    const zoom = cy.zoom();
    const [wide, high] = [cy.width(), cy.height()];
    const taken = new Map();
    const nodes = cy.nodes().filter((node) => {
      const at = node.renderedPosition();
      return node.visible() && at.x > -40 && at.y > -40 && at.x < wide + 40 && at.y < high + 40;
    });
    const boxes = nodes.map((node) => {
      const at = node.renderedPosition();
      const half = (node.data('size') * zoom) / 2;
      if (nodes.length < 1500 || node.data('shown') > 2) block(taken, [at.x - half, at.y - half, at.x + half, at.y + half], node.id());
      return { node, at, half, rank: (this.forced.has(node.id()) ? 1e6 : 0) + (node.selected() ? 1e7 : 0) - (node.hasClass('dim') ? 1e5 : 0) + node.data('shown') };
    });
    boxes.sort((a, b) => b.rank - a.rank || (a.node.id() < b.node.id() ? -1 : 1));
    this.places = new Map();
    this.along = new Map();
    this.context.font = FONT;
    const most = Math.max(24, Math.floor((wide * high) / 5200));
    let named = false;
    for (const { node, at, half, rank } of boxes) {
      if (rank < 1e5 && !named) {
        named = true;
        this.relations(taken);
      }
      if (this.places.size >= most && rank < 1e5) break;
      const whole = this.flat ? [this.fitting(node.data('name'), 250 * zoom - half - 24)] : wrap(node.data('name'));
      const place = this.side(taken, node, at, half, whole, rank >= 1e5) ?? (whole.length > 1 || whole[0].length > SHORT ? this.side(taken, node, at, half, wrap(node.data('name'), SHORT, 2)) : null);
      if (place) this.places.set(node.id(), place);
    }
  }

  // A side of a node on which its name covers nothing; one that is `forced` stands below in any case.
  side(taken, node, at, half, lines, forced = false) {
    const { cy } = this.drawing;
    const [wide, high] = [cy.width(), cy.height()];
    const w = Math.max(...lines.map((line) => this.context.measureText(line).width)) + 4;
    const h = lines.length * LINE;
    const sides = this.flat ? [[half + 5, -h / 2, 'left']] : [[-w / 2, half + 3, 'center'], [-w / 2, -half - h - 3, 'center'], [half + 4, -h / 2, 'left'], [-half - w - 4, -h / 2, 'right']];
    const inside = ([x, y]) => at.x + x > 2 && at.y + y > 2 && at.x + x + w < wide - 2 && at.y + y + h < high - 2;
    const free = sides.find((side) => inside(side) && !hits(taken, [at.x + side[0], at.y + side[1], at.x + side[0] + w, at.y + side[1] + h], node.id()));
    const side = free ?? (forced ? sides[0] : null);
    if (!side) return null;
    const [x, y, align] = side;
    block(taken, [at.x + x, at.y + y, at.x + x + w, at.y + y + h], `${node.id()} name`);
    return { x: align === 'center' ? 0 : align === 'left' ? x + 2 : x + w - 2, y, align, lines };
  }

  // The names of relations stand on their lines, where nothing is in the way.
  relations(taken) {
    for (const edge of this.edges) {
      if (edge.removed() || !edge.visible()) continue;
      const [a, b] = [edge.source().renderedPosition(), edge.target().renderedPosition()];
      const w = this.context.measureText(edge.data('label')).width + 4;
      for (const part of [0.5, 0.38, 0.62, 0.28, 0.72]) {
        const at = along(edge, a, b, part);
        const box = [at.x - w / 2, at.y - 8, at.x + w / 2, at.y + 8];
        if (hits(taken, box, edge.id()) && this.edges.length > 1) continue;
        block(taken, box, edge.id());
        this.along.set(edge.id(), { edge, part });
        break;
      }
    }
  }

  fitting(name, width) {
    let text = name;
    while (text.length > 6 && this.context.measureText(text).width > width) text = cut(name, text.length - 2);
    return text;
  }

  draw() {
    const { cy } = this.drawing;
    const { context, canvas, colours: c } = this;
    const scale = devicePixelRatio || 1;
    const [wide, high] = [cy.width(), cy.height()];
    if (canvas.width !== Math.round(wide * scale) || canvas.height !== Math.round(high * scale)) {
      canvas.width = Math.round(wide * scale);
      canvas.height = Math.round(high * scale);
    }
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, wide, high);
    context.lineJoin = 'round';
    context.textBaseline = 'top';
    this.years(context, c, high);
    const text = (words, x, y, colour, paper = c.paper) => {
      context.strokeStyle = paper;
      context.lineWidth = 4;
      context.strokeText(words, x, y);
      context.fillStyle = colour;
      context.fillText(words, x, y);
    };
    for (const [id, { x, y, align, lines }] of this.places) {
      const node = cy.getElementById(id);
      if (node.empty() || !node.visible()) continue;
      const at = node.renderedPosition();
      context.globalAlpha = node.hasClass('dim') ? 0.3 : 1;
      context.font = node.selected() || node.hasClass('end') ? BOLD : FONT;
      context.textAlign = align;
      lines.forEach((line, order) => text(line, at.x + x, at.y + y + order * LINE, c.ink));
    }
    context.globalAlpha = 1;
    context.font = `italic ${FONT}`;
    context.textAlign = 'center';
    for (const { edge, part } of this.along.values()) {
      if (edge.removed() || !edge.visible()) continue;
      const [a, b] = [edge.source().renderedPosition(), edge.target().renderedPosition()];
      const at = along(edge, a, b, part);
      text(edge.data('label'), at.x, at.y - 7, c.sea);
    }
  }

  // The years of the layout by time: a hairline and a name at the top of each column.
  years(context, c, high) {
    const { cy } = this.drawing;
    let free = -Infinity;
    for (const { x, wide, label } of this.axis) {
      const left = (x - 85) * cy.zoom() + cy.pan().x;
      context.fillStyle = c.rule;
      context.fillRect(Math.round(left), 0, 1, high);
      context.font = BOLD;
      context.textAlign = 'left';
      context.fillStyle = c.soft;
      if (left < free || wide * cy.zoom() < 8) continue;
      context.fillText(label, left + 6, 8);
      free = left + context.measureText(label).width + 16;
    }
  }
}

// A place on a line; one that has not been drawn yet has no middle of its own.
const along = (edge, a, b, part) => (part === 0.5 && edge.renderedMidpoint()) || { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part };

const cut = (name, length) => (name.length > length ? `${name.slice(0, length - 1).trimEnd()}…` : name);

// A name in a few lines.
export function wrap(name, wide = WIDE, most = 3) {
  const lines = [''];
  for (const word of (name ?? '').split(/\s+/)) {
    const last = lines.at(-1);
    if (!last || last.length + word.length < wide) lines[lines.length - 1] = last ? `${last} ${word}` : word;
    else lines.push(word);
  }
  const short = lines.map((line) => cut(line, wide + 6));
  return short.length > most ? [...short.slice(0, most - 1), cut(`${short[most - 1]} …`, wide).replace(/ …$/, '…')] : short;
}

function* cells([x1, y1, x2, y2]) {
  for (let x = Math.floor(x1 / CELL); x <= Math.floor(x2 / CELL); x++) for (let y = Math.floor(y1 / CELL); y <= Math.floor(y2 / CELL); y++) yield x * 4096 + y;
}

function block(taken, box, owner) {
  for (const cell of cells(box)) {
    if (!taken.has(cell)) taken.set(cell, []);
    taken.get(cell).push([box, owner]);
  }
}

function hits(taken, box, owner) {
  for (const cell of cells(box)) {
    for (const [other, whose] of taken.get(cell) ?? []) {
      if (whose !== owner && box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3]) return true;
    }
  }
  return false;
}
