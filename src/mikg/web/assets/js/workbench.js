// The workbench: the form of the page runs without it; with it the editor, the views of an answer, and the sources of a row.
import { ask, results } from './lib/bench/asking.js';
import { count, h, known, post, say } from './lib/bench/dom.js';
import { history, remember } from './lib/bench/history.js';
import { copied, snippets } from './lib/bench/snippets.js';
import { table } from './lib/bench/table.js';

const find = (id) => document.getElementById(id);
const handed = JSON.parse(find('handed').textContent);
const [form, field, status, result] = ['query-form', 'query', 'status', 'result'].map(find);
const VIEWS = ['table', 'chart', 'map', 'network', 'raw'];
const DRAWN = { chart: () => import('./lib/bench/chart.js').then((m) => m.chart), map: () => import('./lib/bench/map.js').then((m) => m.map), network: () => import('./lib/bench/network.js').then((m) => m.network) };
const LONG = 6000; // characters of an address that some programs cut

document.documentElement.classList.add('scripted');
let editor = { get text() { return field.value; }, set text(query) { field.value = query; }, focus: () => field.focus(), point() {}, replace(token, name) { field.value = field.value.replaceAll(token, name); } };
let running = null;
const behind = new URLSearchParams(location.hash.slice(1));
const asked = new URLSearchParams(location.search).get('view') ?? behind.get('view');
let view = VIEWS.includes(asked) ? asked : 'table';
if (behind.get('query')) field.value = behind.get('query');
if (behind.get('cite')) form.elements.cite.checked = true;

// Address

function address() {
  const given = new URLSearchParams({ query: editor.text });
  if (form.elements.cite.checked) given.set('cite', 'true');
  if (view !== 'table') given.set('view', view);
  // What is too long for a server to read as an address stays behind the #, which is only read here.
  return String(given).length > LONG ? `/query#${given}` : `/query?${given}`;
}
function keep() {
  globalThis.history.replaceState(null, '', address());
}

// Run and show

async function run() {
  if (running) running.abort();
  const own = (running = new AbortController());
  const query = editor.text;
  const cite = form.elements.cite.checked;
  status.textContent = say('running');
  form.classList.add('running');
  keep();
  try {
    // A graph has no citations: it is asked for plainly.
    const graph = /^\s*(?:(?:#[^\n]*|PREFIX\s[^>]*>|BASE\s[^>]*>)\s*)*(CONSTRUCT|DESCRIBE)\b/i.test(query);
    const answer = await ask(query, { cite: cite && !graph, signal: own.signal });
    if (own === running) show(answer, query);
  } catch (fault) {
    if (own !== running) return;
    if (fault.name === 'AbortError') status.textContent = say('stopped');
    else failed(fault);
  } finally {
    if (own === running) {
      running = null;
      form.classList.remove('running');
    }
  }
}

function said(answer) {
  const took = answer.took === undefined ? '' : `, ${say('ms', { n: count(Math.round(answer.took)) })}`;
  if (answer.boolean !== undefined) return `${say(answer.boolean ? 'yes' : 'no')}${took}`;
  const rows = answer.graph ? say('triples', { n: count(answer.rows.length) }) : answer.rows.length === 1 ? say('row') : say('rows', { n: count(answer.rows.length) });
  return rows + took;
}

function show(answer, query) {
  status.textContent = said(answer);
  remember(query, said(answer).split(',')[0]);
  editor.point([]);
  if (answer.boolean !== undefined) {
    const place = h('div');
    const button = h('button', { type: 'button', class: 'quiet', onclick: async () => { const { sources } = await import('./lib/bench/sources.js'); place.replaceChildren(await sources(answer, query, 0)); } }, say('restsOn'));
    result.replaceChildren(h('p', { class: 'verdict' }, h('b', {}, say(answer.boolean ? 'yes' : 'no'))), answer.boolean && button, place);
    return;
  }
  if (!answer.rows.length) {
    empty(query);
    return;
  }
  const panel = h('div', { role: 'tabpanel', id: 'view', tabindex: '-1' });
  const tabs = VIEWS.map((name) => h('button', { type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': 'view', onclick: () => choose(name), onkeydown: walk }, say(name)));
  const made = new Map();
  async function choose(name) {
    view = name;
    keep();
    tabs.forEach((tab, index) => {
      tab.setAttribute('aria-selected', String(VIEWS[index] === name));
      tab.tabIndex = VIEWS[index] === name ? 0 : -1;
    });
    panel.setAttribute('aria-labelledby', `tab-${name}`);
    if (!made.has(name)) {
      if (name !== 'table') panel.replaceChildren(h('p', { class: 'soft' }, say('loading')));
      try {
        made.set(name, name === 'table' ? table(answer, query) : name === 'raw' ? await raw(answer, query) : await (await DRAWN[name]())(answer, query));
      } catch (fault) {
        console.warn(fault);
        made.set(name, h('p', { class: 'fault' }, say('failed')));
      }
    }
    if (view === name) panel.replaceChildren(made.get(name));
  }
  function walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = (VIEWS.indexOf(view) + step + VIEWS.length) % VIEWS.length;
    tabs[next].focus();
    choose(VIEWS[next]);
  }
  result.replaceChildren(h('div', { role: 'tablist', class: 'tabs', 'aria-label': result.getAttribute('aria-label') }, tabs), panel, downloads(answer, query));
  choose(view);
}

function downloads(answer, query) {
  const forms = answer.graph ? { ttl: 'Turtle', nt: 'N-Triples', jsonld: 'JSON-LD', rdf: 'RDF/XML', trig: 'TriG', nq: 'N-Quads' } : { csv: 'CSV', tsv: 'TSV', json: 'JSON', xml: 'XML' };
  return h('p', { class: 'small downloads' }, say('download'), ' ', Object.entries(forms).flatMap(([short, name]) => [h('a', { href: `/sparql?${new URLSearchParams({ query, format: short })}` }, name), ' ']));
}

async function raw(answer, query) {
  const LIMIT = 100_000;
  const format = answer.graph ? 'text/turtle' : 'application/sparql-results+json';
  const reply = await fetch('/sparql', { method: 'POST', headers: { Accept: format }, body: new URLSearchParams({ query }) });
  const text = await reply.text();
  const cut = text.length > LIMIT;
  return h('div', {}, h('pre', { tabindex: '0' }, h('code', {}, cut ? text.slice(0, LIMIT) : text)), cut && h('p', { class: 'soft' }, say('whole', { n: count(LIMIT) })));
}

async function empty(query) {
  const list = h('ul');
  result.replaceChildren(h('div', { class: 'why' }, h('h2', {}, say('why')), list));
  try {
    const { reasons } = await post('/api/why.json', query);
    list.replaceChildren(...reasons.map((each) => h('li', {}, each.said, each.line && h('span', { class: 'soft' }, ` (${say('line', each)})`), (each.instead ?? []).map((name) => [' ', h('button', { type: 'button', class: 'quiet', onclick: () => { editor.replace(each.token, name); run(); } }, say('writeInstead', { name }))]))));
    editor.point(reasons.filter((each) => each.line).map((each) => ({ ...each, length: each.token?.length, severity: 'warning' })));
  } catch {
    list.remove();
  }
}

function failed(fault) {
  const text = (fault.detail ?? (fault.status ? fault.message : say('offline'))).trim();
  const [first, line, caret] = text.split('\n');
  status.textContent = '';
  const place = first.match(/line (\d+), column (\d+)/);
  result.replaceChildren(h('div', { class: 'fault', role: 'alert' }, h('p', {}, first), line !== undefined && h('pre', { class: 'marked' }, h('code', {}, `${line}\n${caret ?? ''}`)), fault.engine && h('details', {}, h('summary', {}, say('engine')), h('code', {}, fault.engine.slice(0, 2000)))));
  if (place) editor.point([{ said: first, line: Number(place[1]), column: Number(place[2]), length: 1 }]);
}

// What stands around it

form.addEventListener('submit', (event) => {
  event.preventDefault();
  run();
});
field.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) run();
});
find('stop').addEventListener('click', () => running?.abort());
find('format').addEventListener('click', async () => {
  try {
    editor.text = (await post('/api/format.json', editor.text)).query;
  } catch {
    status.textContent = say('offline');
  }
});
find('share').addEventListener('click', async () => {
  keep();
  await copied(location.href);
  status.textContent = location.href.length > LONG ? `${say('copied')} ${say('long')}` : say('copied');
});
function unfold(button, place, fill) {
  button.addEventListener('click', () => {
    const open = place.hidden;
    place.hidden = !open;
    button.setAttribute('aria-expanded', String(open));
    if (open) place.replaceChildren(fill());
  });
}
unfold(find('code'), find('snippets'), () => snippets(handed.base, editor.text));
const remembered = () => history((query) => { editor.text = query; editor.focus(); }, () => find('history').replaceChildren(remembered()));
unfold(find('past'), find('history'), remembered);
form.elements.cite.addEventListener('change', keep);

// Worked questions: found by their words.
find('examples-find').addEventListener('input', (event) => {
  const wanted = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  const more = document.querySelector('.examples details');
  more.open = wanted.length > 0;
  for (const item of document.querySelectorAll('.examples li')) {
    const text = `${item.textContent} ${item.dataset.words ?? ''}`.toLowerCase();
    item.hidden = !wanted.every((word) => text.includes(word));
  }
});

// Ask without SPARQL: each choice narrows the next and writes the query.
const choices = document.querySelector('form.choose');
const selects = ['class', 'property', 'value'].map((name) => choices.elements[name]);
async function chosen(level) {
  const given = new URLSearchParams();
  selects.forEach((select, index) => index <= level && select.value && given.set(select.name, select.value));
  const answer = await fetch(`/api/ask.json?${given}`);
  if (!answer.ok) return;
  const found = await answer.json();
  [['properties', 'anyProperty'], ['values', 'anyValue']].forEach(([key, first], index) => {
    const select = selects[index + 1];
    if (index < level) return;
    select.replaceChildren(h('option', { value: '' }, say(first)), ...found[key].map((each) => h('option', { value: each.value }, `${each.name} (${count(each.count)})`)));
    select.disabled = !found[key].length;
  });
  if (found.query) editor.text = found.query;
}
selects.forEach((select, level) => select.addEventListener('change', () => chosen(level)));
choices.addEventListener('submit', (event) => {
  event.preventDefault();
  if (selects[0].value) run();
});

// The prefixes, then what the page came with. The editor is the largest part: it comes when one turns to the field.
const vocabulary = import('./lib/bench/completion.js').then((module) => module.load());
const turned = new Promise((resolve) => {
  const frame = field.closest('.editor');
  for (const sign of ['pointerenter', 'pointerdown', 'focusin']) frame.addEventListener(sign, resolve, { once: true });
});
const offered = await vocabulary;
if (offered) known(offered.prefixes);
if (handed.ran && handed.answer) {
  const answer = results(handed.answer);
  if (form.elements.cite.checked && answer.boolean === undefined && answer.rows.length) run();
  else if (answer.boolean !== undefined || answer.rows.length) show({ ...answer, took: handed.took }, handed.query);
} else if (handed.ran || behind.get('query')) run();
await turned;
try {
  const module = await import('./lib/bench/editor.js');
  editor = module.editor(field, { run });
  if (handed.fault?.place) editor.point([{ said: handed.fault.said.split('\n')[0], line: handed.fault.place[0], column: handed.fault.place[1], length: 1 }]);
  document.documentElement.dataset.bench = 'ready';
} catch (fault) {
  console.warn(fault); // The text field does.
}
