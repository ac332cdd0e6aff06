// A worker: the places of a drawing, computed beside the page so that it never freezes.
import { places } from './lib/force.js';

addEventListener('message', ({ data: { turn, nodes, edges, fresh } }) => postMessage({ turn, positions: places(nodes, edges, fresh) }));
