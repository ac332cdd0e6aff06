// The canvas: Cytoscape with the colours and shapes of the kinds, in either theme, changed as little as each step asks for.
import cytoscape from 'cytoscape';
import { page } from './words.js';

const LARGE = 400; // nodes from which drawing is made cheaper
export const still = matchMedia('(prefers-reduced-motion: reduce)');

export const size = (node) => Math.min(46, 15 + 3.2 * Math.sqrt(node.shown ?? node.degree ?? 1));

const dark = () => (document.documentElement.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';

export function colours() {
  const style = getComputedStyle(document.documentElement);
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.forcedColorAdjust = 'none';
  const read = (name, fallback) => {
    if (!style.getPropertyValue(name)) return fallback;
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const found = { paper: read('--card', '#fff'), ink: read('--ink', '#222'), soft: read('--soft', '#555'), sea: read('--sea', '#0d5c63'), rule: read('--rule', '#ddd') };
  found.edge = read('--x-edge', '#7b868a');
  found.kinds = Object.fromEntries(Object.keys(page.shapes ?? {}).map((kind) => [kind, read(`--c-${kind}`, found.soft)]));
  probe.remove();
  return found;
}

const picture = (path, colour, paper) =>
  `data:image/svg+xml;utf8,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96" viewBox="-.6 -.6 13.2 13.2"><path fill="${paper}" d="${path}"/><path fill-rule="evenodd" fill="${colour}" stroke="${paper}" stroke-width=".5" d="${path}"/></svg>`,
  )}`;

function styles(large) {
  const c = colours();
  const kinds = Object.entries(page.shapes ?? {}).map(([kind, path]) => ({
    selector: `node[kind = '${kind}']`,
    style: large ? { 'background-color': c.kinds[kind], 'background-opacity': 1, shape: PLAIN[kind] ?? 'ellipse' } : { 'background-image': picture(path, c.kinds[kind], c.paper) },
  }));
  return [
    { selector: 'node', style: { width: 'data(size)', height: 'data(size)', shape: 'ellipse', 'background-opacity': 0, 'background-fit': 'contain', 'background-clip': 'none', 'background-color': c.soft, 'overlay-opacity': 0, 'background-image-containment': 'over' } },
    ...kinds,
    { selector: 'edge', style: { width: 'data(width)', 'line-color': c.edge, 'target-arrow-color': c.edge, 'target-arrow-shape': 'triangle', 'arrow-scale': 0.85, 'curve-style': large ? 'straight' : 'bezier', 'control-point-step-size': 26, 'target-distance-from-node': 2, 'source-distance-from-node': 2, 'overlay-opacity': 0, 'overlay-padding': 5, 'loop-direction': '-45deg', 'loop-sweep': '60deg' } },
    { selector: 'edge[!asserted]', style: { 'line-style': 'dashed', 'line-dash-pattern': [6, 4] } },
    { selector: 'node.pinned', style: { 'border-width': 2, 'border-color': c.soft, 'border-style': 'dotted' } },
    { selector: 'node:selected, node.here', style: { 'border-width': 3, 'border-color': c.sea, 'border-style': 'solid' } },
    { selector: 'node.end', style: { 'border-width': 3, 'border-color': c.ink, 'border-style': 'double' } },
    { selector: 'edge:selected, edge.here, edge.on', style: { 'line-color': c.sea, 'target-arrow-color': c.sea, width: 3.2, 'z-index': 9 } },
    { selector: '.dim', style: { opacity: 0.2 } },
    { selector: '.off', style: { display: 'none' } },
  ];
}

// Where thousands are drawn, pictures would cost too much: the nearest plain shape in the same colour.
const PLAIN = { person: 'diamond', document: 'round-rectangle', passage: 'rectangle', post: 'triangle', organisation: 'rectangle', system: 'hexagon', agreement: 'round-rectangle', event: 'right-rhomboid', place: 'vee', figure: 'barrel', claim: 'tag', judgement: 'star', situation: 'ellipse', relation: 'rhomboid', term: 'hexagon', concept: 'diamond', programme: 'octagon' };

export class Drawing {
  constructor(host, count = 0) {
    this.large = count > LARGE;
    this.cy = cytoscape({
      container: host,
      style: styles(this.large),
      minZoom: 0.03,
      maxZoom: 4,
      boxSelectionEnabled: false,
      selectionType: 'single',
      hideEdgesOnViewport: count > 1500,
      textureOnViewport: this.large,
      pixelRatio: this.large ? 1 : 'auto',
    });
    const repaint = () => {
      host.dataset.ground = dark() ? 'dark' : 'light';
      this.cy.style(styles(this.large));
    };
    new MutationObserver(repaint).observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class', 'style'] });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', repaint);
    this.repaint = repaint;
    host.dataset.ground = dark() ? 'dark' : 'light';
  }

  // Bring the canvas to what is to be shown; returns the ids of nodes that came.
  async show({ nodes, drawn }, pinned, step = 600) {
    const { cy } = this;
    const large = nodes.length > LARGE;
    if (large !== this.large) {
      this.large = large;
      Object.assign(cy.renderer(), { hideEdgesOnViewport: nodes.length > 1500, textureOnViewport: large });
      this.repaint();
    }
    const degree = new Map();
    for (const edge of drawn) for (const id of [edge.source, edge.target]) degree.set(id, (degree.get(id) ?? 0) + 1);
    const wanted = new Map(nodes.map((node) => [node.id, node]));
    const edges = new Map(drawn.map((edge) => [edge.id, edge]));
    const came = [];
    cy.batch(() => {
      cy.edges().filter((each) => !edges.has(each.id())).remove();
      cy.nodes().filter((each) => !wanted.has(each.id())).remove();
    });
    const friends = this.friends(drawn);
    const fresh = [];
    // A node that comes begins beside a neighbour that is there, else on a spiral.
    const beside = (id, order) => {
      const [middle, reach] = friends.has(id) ? [friends.get(id), 90 + 4 * order] : [{ x: 0, y: 0 }, 18 * Math.sqrt(order + 1)];
      return { x: middle.x + reach * Math.cos(order * 2.39996), y: middle.y + reach * Math.sin(order * 2.39996) };
    };
    for (const node of nodes) {
      const data = { id: node.id, kind: page.shapes?.[node.kind] ? node.kind : 'thing', name: node.name, shown: degree.get(node.id) ?? 0 };
      data.size = size(data);
      const known = cy.getElementById(node.id);
      if (known.nonempty()) known.data(data);
      else {
        fresh.push({ group: 'nodes', data, position: beside(node.id, came.length) });
        came.push(node.id);
      }
    }
    for (const edge of drawn) {
      const data = { id: edge.id, source: edge.source, target: edge.target, label: edge.label, asserted: edge.status === 'asserted' ? 1 : undefined, width: Math.min(5, 0.9 + 0.5 * Math.max(1, edge.sources)) };
      const known = cy.getElementById(edge.id);
      if (known.nonempty()) known.data(data);
      else fresh.push({ group: 'edges', data });
    }
    for (let start = 0; start < fresh.length; start += step) {
      cy.batch(() => cy.add(fresh.slice(start, start + step)));
      if (start + step < fresh.length) await new Promise((done) => setTimeout(done)); // the page stays awake
    }
    cy.batch(() => cy.nodes().forEach((node) => node.toggleClass('pinned', pinned.has(node.id()))));
    return came;
  }

  // For each node that comes, one beside it that is there.
  friends(drawn) {
    const there = new Map(this.cy.nodes().map((node) => [node.id(), node.position()]));
    const found = new Map();
    if (!there.size) return found;
    for (const { source, target } of drawn) {
      if (there.has(target)) found.set(source, there.get(target));
      if (there.has(source)) found.set(target, there.get(source));
    }
    return found;
  }

  // Move the nodes to their places; the first drawing is shown there at once.
  async place(positions, { fit = true } = {}) {
    const { cy } = this;
    const quick = !this.placed || still.matches || cy.nodes().length > 250;
    const layout = cy.layout({ name: 'preset', positions: (node) => positions[node.id()] ?? node.position(), fit: false, animate: !quick, animationDuration: 350 });
    const done = layout.promiseOn('layoutstop');
    layout.run();
    await done;
    if (fit) this.fit();
    this.placed = true;
  }

  positions() {
    return Object.fromEntries(this.cy.nodes().map((node) => [node.id(), { x: Math.round(node.position('x')), y: Math.round(node.position('y')) }]));
  }

  fit(elements = this.cy.elements(':visible')) {
    const { cy } = this;
    const box = elements.nodes().boundingBox({ includeLabels: false });
    if (!Number.isFinite(box.w) || !cy.width()) return;
    const side = Math.min(96, cy.width() * 0.14); // room for the names at the edges
    const [left, right, top] = this.named === 'right' ? [24, 2 * side, 30] : [side, side, 44];
    const zoom = Math.max(cy.minZoom(), Math.min(1.5, (cy.width() - left - right) / Math.max(1, box.w), (cy.height() - 2 * top) / Math.max(1, box.h)));
    cy.viewport({ zoom, pan: { x: (cy.width() + left - right) / 2 - (zoom * (box.x1 + box.x2)) / 2, y: cy.height() / 2 - (zoom * (box.y1 + box.y2)) / 2 } });
  }

  // Dim all but some elements; nothing dims when there are none.
  only(elements) {
    this.cy.batch(() => {
      this.cy.elements().removeClass('dim');
      if (elements?.nonempty()) this.cy.elements().difference(elements).addClass('dim');
    });
  }
}
