// Where the nodes go: by force (in a worker), as a tree from the beginnings, by year.
import { page, t } from './words.js';
import { year } from './filters.js';

export const YEAR = 170; // width of a year
const ROW = 34;
const STEP = 30; // between neighbours in a disc
const GOLDEN = 2.39996; // the golden angle: points that follow one another by it cover a disc evenly
export const MANY = 500; // nodes beyond which a force layout takes too long
const TREE = { column: 250, row: 23, rows: 30 }; // of the tree; more leaves than rows go into columns side by side
let worker = null;
let turn = 0;

export function force(nodes, edges, fresh) {
  worker ??= new Worker(page.layout, { type: 'module' });
  turn += 1;
  const mine = turn;
  return new Promise((done, fail) => {
    const hear = ({ data }) => {
      if (data.turn !== mine) return;
      worker.removeEventListener('message', hear);
      done(mine === turn ? data.positions : null); // null: a later layout has been asked for
    };
    worker.addEventListener('message', hear);
    worker.addEventListener('error', () => fail(new Error(t('The layout failed; the nodes stay where they are.'))), { once: true });
    worker.postMessage({ turn: mine, nodes, edges, fresh });
  });
}

// Hundreds and thousands: each community a disc with its best connected in the middle, the largest disc first. A force layout of so many takes
// minutes, and its quick form lays what is alike (the neighbours of a hub) on one another.
export function discs(nodes) {
  const groups = new Map();
  for (const node of nodes) groups.set(node.community, [...(groups.get(node.community) ?? []), node]);
  const ordered = [...groups.values()].sort((a, b) => b.length - a.length || (a[0].id < b[0].id ? -1 : 1));
  const placed = [];
  const positions = {};
  for (const group of ordered) {
    const radius = STEP * Math.sqrt(group.length) + STEP;
    let [x, y, turn] = [0, 0, 0];
    while (placed.some((disc) => Math.hypot(disc.x - x, disc.y - y) < disc.radius + radius)) {
      turn += 1;
      [x, y] = [STEP * 1.5 * Math.sqrt(turn) * Math.cos(turn * GOLDEN) * 1.3, STEP * 1.5 * Math.sqrt(turn) * Math.sin(turn * GOLDEN)];
    }
    placed.push({ x, y, radius });
    group.sort((a, b) => b.degree - a.degree || (a.id < b.id ? -1 : 1));
    group.forEach((node, order) => {
      positions[node.id] = { x: x + STEP * Math.sqrt(order) * Math.cos(order * GOLDEN), y: y + STEP * Math.sqrt(order) * Math.sin(order * GOLDEN) };
    });
  }
  return positions;
}

// In rows, by kind and name: what nothing ties together.
export function grid(nodes) {
  const order = [...nodes].sort((a, b) => `${a.kind} ${a.name}`.localeCompare(`${b.kind} ${b.name}`));
  const wide = Math.ceil(Math.sqrt(nodes.length));
  return Object.fromEntries(order.map((node, at) => [node.id, { x: (at % wide) * YEAR, y: Math.floor(at / wide) * 90 }]));
}

// A tree from left to right: each node beside the one through which it is reached first, leaves on rows of their own.
export function tree(ids, edges, roots) {
  const beside = new Map(ids.map((id) => [id, []]));
  for (const [source, target] of edges) {
    beside.get(source).push(target);
    beside.get(target).push(source);
  }
  const order = [...ids].sort((a, b) => beside.get(b).length - beside.get(a).length || (a < b ? -1 : 1));
  const depth = new Map();
  const children = new Map(ids.map((id) => [id, []]));
  const tops = [];
  for (const root of [...roots.filter((id) => beside.has(id)), ...order]) {
    if (depth.has(root)) continue;
    tops.push(root);
    depth.set(root, 0);
    for (const queue = [root]; queue.length; ) {
      const id = queue.shift();
      for (const next of beside.get(id)) {
        if (depth.has(next)) continue;
        depth.set(next, depth.get(id) + 1);
        children.get(id).push(next);
        queue.push(next);
      }
    }
  }
  const positions = {};
  let row = 0;
  const place = (top) => {
    const stack = [[top, false]];
    while (stack.length) {
      const [id, ready] = stack.pop();
      const x = depth.get(id) * TREE.column;
      const below = children.get(id);
      if (!below.length) positions[id] ??= { x, y: TREE.row * row++ };
      else if (ready) positions[id] = { x, y: (positions[below[0]].y + positions[below.at(-1)].y) / 2 };
      else {
        const leaves = below.filter((next) => !children.get(next).length);
        const columns = Math.ceil(leaves.length / TREE.rows);
        const high = Math.ceil(leaves.length / columns) || 0;
        stack.push([id, true]);
        for (const next of below.filter((each) => children.get(each).length).reverse()) stack.push([next, false]);
        leaves.forEach((next, order) => (positions[next] = { x: x + (1 + Math.floor(order / high)) * TREE.column, y: TREE.row * (row + (order % high)) }));
        row += high;
        below.sort((one, other) => children.get(one).length - children.get(other).length);
      }
    }
    row += 1;
  };
  for (const top of tops) place(top);
  return positions;
}

// From left to right by the first year that a node's edges name, in rows; what has no date stands apart on the left.
export function time(nodes, edges) {
  const first = new Map();
  for (const edge of edges) {
    const at = year(edge.start) ?? year(edge.end);
    if (at === null) continue;
    for (const id of [edge.source, edge.target]) first.set(id, Math.min(first.get(id) ?? at, at));
  }
  const columns = new Map();
  for (const node of nodes) {
    const at = first.get(node.id) ?? 'none';
    if (!columns.has(at)) columns.set(at, []);
    columns.get(at).push(node);
  }
  const years = [...columns.keys()].filter((at) => at !== 'none').sort((a, b) => a - b);
  const positions = {};
  const marks = [];
  let x = 0;
  const column = (list, label) => {
    const wide = Math.max(1, Math.ceil(list.length / 16));
    list.sort((a, b) => (a.kind === b.kind ? b.degree - a.degree : a.kind < b.kind ? -1 : 1));
    list.forEach((node, order) => {
      positions[node.id] = { x: x + (order % wide) * YEAR + [-34, 0, 34][Math.floor(order / wide) % 3], y: (Math.floor(order / wide) - list.length / wide / 2) * 2 * ROW };
    });
    marks.push({ x, wide: wide * YEAR, label });
    x += wide * YEAR;
  };
  if (columns.has('none')) {
    column(columns.get('none'), t('no date'));
    x += YEAR / 2;
  }
  years.forEach((at, order) => {
    if (order && at - years[order - 1] > 1) x += YEAR / 2; // years without anything are a gap, not their full length
    column(columns.get(at), String(at));
  });
  return { positions, marks };
}
