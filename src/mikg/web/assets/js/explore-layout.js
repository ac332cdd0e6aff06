// A worker: positions for the nodes of a drawing, computed beside the page so that it never freezes. The same graph gives the same drawing.
import cytoscape from 'cytoscape';
import fcose from 'cytoscape-fcose';

cytoscape.use(fcose);

addEventListener('message', ({ data: { turn, nodes, edges, fresh } }) => {
  Math.random = seeded(nodes.length);
  const cy = cytoscape({
    headless: true,
    styleEnabled: true,
    style: [{ selector: 'node', style: { width: 'data(size)', height: 'data(size)' } }],
    elements: [
      ...nodes.map(({ id, size, x, y }) => ({ data: { id, size }, position: { x, y } })),
      ...edges.map(([source, target]) => ({ data: { source, target } })),
    ],
  });
  const fixed = nodes.filter((node) => node.fixed).map(({ id, x, y }) => ({ nodeId: id, position: { x, y } }));
  cy.layout({
    name: 'fcose',
    quality: 'default',
    randomize: fresh,
    animate: false,
    fit: false,
    nodeDimensionsIncludeLabels: false,
    packComponents: true,
    nodeSeparation: 110,
    idealEdgeLength: (edge) => (nodes.length < 40 ? 150 : 90) + 14 * Math.sqrt(Math.min(edge.source().degree(), edge.target().degree())),
    nodeRepulsion: () => 14000,
    gravity: 0.28,
    numIter: 2500,
    fixedNodeConstraint: fixed.length ? fixed : undefined,
  }).run();
  postMessage({ turn, positions: Object.fromEntries(cy.nodes().map((node) => [node.id(), { ...node.position() }])) });
  cy.destroy();
});

// Mulberry32, a public-domain generator: small, and the same numbers each time.
function seeded(seed) {
  let state = seed + 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
