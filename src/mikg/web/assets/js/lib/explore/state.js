// The state of a drawing and its address: the same words as src/mikg/exploration/state.py reads.
const LISTS = ['start', 'open', 'hide', 'pin', 'no', 'status'];
const SINGLE = ['since', 'until', 'undated', 'most', 'layout', 'select', 'from', 'to', 'question', 'query', 'at'];
const KNOWN = new Set([...LISTS, ...SINGLE, 'lang', 'theme', 'sort', 'page']);
export const LONGEST = 7500; // characters of an address that still travels by mail and messenger
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export function parse(search) {
  const given = new URLSearchParams(search);
  const state = { given: {} };
  for (const name of LISTS) state[name] = [...new Set(given.getAll(name))];
  for (const name of SINGLE) state[name] = given.get(name) ?? '';
  if (state.question) for (const [name, value] of given) if (!KNOWN.has(name)) state.given[name.replace(/^given\./, '')] = value;
  return state;
}

export function search(state, without = []) {
  const said = new URLSearchParams();
  for (const name of ['start', 'question']) for (const value of [state[name]].flat()) if (value) said.append(name, value);
  for (const [name, value] of Object.entries(state.given)) said.append(KNOWN.has(name) ? `given.${name}` : name, value);
  for (const name of ['query', 'from', 'to', 'open', 'hide', 'pin', 'no', 'status', 'since', 'until', 'undated', 'most', 'layout', 'select', 'at']) {
    if (without.includes(name)) continue;
    for (const value of [state[name]].flat()) if (value && !(name === 'layout' && value === 'force')) said.append(name, value);
  }
  return said.toString().replaceAll('%3A', ':').replaceAll('%7E', '~').replaceAll('%2F', '/');
}

// The address to share; `cut` says that positions, or everything, had to stay out of it.
export function address(state, path = location.pathname) {
  const whole = `${path}?${search(state)}`;
  if (whole.length <= LONGEST) return { text: whole, cut: '' };
  const bare = `${path}?${search(state, ['at'])}`;
  return bare.length <= LONGEST ? { text: bare, cut: 'positions' } : { text: '', cut: 'all' };
}

// Where each node is, four letters a node in the order of their names, behind the size of a step and a check of the names.
export function pack(positions) {
  const ids = Object.keys(positions).sort();
  const reach = Math.max(1, ...ids.flatMap((id) => [Math.abs(positions[id].x), Math.abs(positions[id].y)]));
  const step = Math.max(1, Math.ceil(reach / 2047));
  const two = (value) => {
    const whole = Math.round(value / step) + 2048;
    return LETTERS[whole >> 6] + LETTERS[whole & 63];
  };
  return `${step}.${check(ids)}.${ids.map((id) => two(positions[id].x) + two(positions[id].y)).join('')}`;
}

// The positions that a text gives to these nodes; null where it is of other nodes or broken.
export function unpack(text, names) {
  const ids = [...names].sort();
  const [step, sum, letters] = (text ?? '').split('.');
  if (!letters || sum !== check(ids) || letters.length !== 4 * ids.length || !(Number(step) > 0)) return null;
  const at = (place) => (LETTERS.indexOf(letters[place]) * 64 + LETTERS.indexOf(letters[place + 1]) - 2048) * Number(step);
  return Object.fromEntries(ids.map((id, order) => [id, { x: at(4 * order), y: at(4 * order + 2) }]));
}

function check(ids) {
  let sum = 5381;
  for (const letter of ids.join('\n')) sum = ((sum * 33) ^ letter.codePointAt(0)) >>> 0;
  return sum.toString(36);
}
