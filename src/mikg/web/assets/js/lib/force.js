// Where the nodes of a drawing go by force: what is tied draws together, what is not keeps apart. The same graph gives the same places.
import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from 'd3-force';

const FEW = 40; // nodes that may stand further apart
const STEPS = 300; // of a layout made anew; one that only takes in what came begins less restless

// nodes: { id, size, x, y, fixed }; edges: [source, target]. Returns { id: { x, y } }.
export function places(nodes, edges, fresh = true) {
  const count = new Map(nodes.map(({ id }) => [id, 0]));
  const ties = [...new Map(edges.filter(([source, target]) => source !== target).map((each) => [[...each].sort().join(' '), each])).values()];
  for (const tie of ties) for (const id of tie) count.set(id, count.get(id) + 1);
  const fewest = ({ source, target }) => Math.min(count.get(source.id), count.get(target.id));
  const bodies = (fresh ? [...nodes].sort((a, b) => count.get(b.id) - count.get(a.id) || (a.id < b.id ? -1 : 1)) : nodes).map(({ id, size = 16, x, y, fixed }) => ({
    id,
    size,
    ...(fixed ? { x, y, fx: x, fy: y } : fresh ? {} : { x, y }),
  }));
  const length = nodes.length < FEW ? 120 : 80;
  const pull = 0.05 + 0.6 / Math.max(10, nodes.length);
  const simulation = forceSimulation(bodies)
    .stop()
    .alpha(fresh ? 1 : 0.3)
    .force('tie', forceLink(ties.map(([source, target]) => ({ source, target }))).id(({ id }) => id).distance((tie) => length + 16 * Math.sqrt(fewest(tie))))
    .force('apart', forceManyBody().strength(({ id }) => -420 - 60 * Math.sqrt(count.get(id))).distanceMax(1500))
    .force('room', forceCollide(({ size }) => size / 2 + 16))
    .force('x', forceX().strength(pull))
    .force('y', forceY().strength(pull * 1.2));
  simulation.tick(STEPS);
  return Object.fromEntries(bodies.map(({ id, x, y }) => [id, { x, y }]));
}
