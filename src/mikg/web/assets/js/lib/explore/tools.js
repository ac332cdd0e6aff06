// The bar above the drawing: add, find, layouts, undo, paths, saved views, downloads, the text to cite, help; and what to do with too much.
import { el, kindName, number, page, t } from './words.js';
import { address, search } from './state.js';
import { attach } from '../combobox.js';
import { KEYS } from './keyboard.js';
import * as saved from './saved.js';

const find = (id) => document.getElementById(id);

export function tools(session, stage, does) {
  const title = () => find('x-title').textContent.trim();
  const drawn = (words) => {
    const asked = words.toLowerCase().split(/\s+/);
    const found = session.shown.nodes.filter((node) => asked.every((word) => node.name.toLowerCase().includes(word)));
    return found.slice(0, 8).map((node) => ({ ...node, shape: page.shapes[node.kind] ?? page.shapes.thing, called: kindName(node.kind) }));
  };
  const known = async (words) => (await session.ask(`/api/explore/search.json?q=${encodeURIComponent(words)}`)).slice(0, 8).map((node) => ({ ...node, shape: page.shapes[node.kind] ?? page.shapes.thing }));
  const add = async (node) => {
    await session.change({ start: [...new Set([...session.state.start, node.id])] });
    await stage.ready;
    does.go(node.id);
  };
  attach(find('x-add'), { look: known, chosen: add });
  attach(find('x-find'), { look: drawn, chosen: (node) => (does.go(node.id), find('x-canvas').focus()) });
  for (const radio of document.querySelectorAll('input[name="x-layout"]')) {
    radio.checked = radio.value === (session.state.layout || 'force');
    radio.addEventListener('change', () => session.change({ layout: radio.value === 'force' ? '' : radio.value }));
  }
  const on = (id, act) => find(id).addEventListener('click', act);
  on('x-undo', () => session.undo());
  on('x-redo', () => session.redo());
  on('x-fit', () => stage.drawing.fit());
  on('x-again', async () => (await stage.layout(true), stage.keep()));
  on('x-help-open', () => does.help());
  find('x-keys').replaceChildren(...KEYS.flatMap(([key, text]) => [el('dt', {}, el('kbd', {}, key)), el('dd', {}, t(text))]));
  session.addEventListener('show', () => {
    for (const radio of document.querySelectorAll('input[name="x-layout"]')) radio.checked = radio.value === (session.state.layout || 'force');
    for (const form of ['json', 'csv', 'graphml', 'gexf']) find(`x-${form}`).href = `/explore.${form}?${search(session.state, ['at', 'layout', 'select', 'pin'])}`;
    ends();
  });
  session.addEventListener('steps', () => {
    find('x-undo').disabled = !session.past.length;
    find('x-redo').disabled = !session.future.length;
  });
  session.addEventListener('address', ({ detail: { cut } }) => {
    find('x-cut').textContent = { positions: t('The address would be too long with the place of each node in it; a saved view keeps them.'), all: t('This drawing is too long for an address. Save the view, or narrow it.'), '': '' }[cut];
  });

  // Saved views, the link and the text to cite.
  find('x-save').addEventListener('submit', (event) => {
    event.preventDefault();
    const name = find('x-name').value.trim() || title();
    does.say(saved.keep(name, session.state) ? t('Saved as “{name}” in this browser.', { name }) : t('This browser keeps nothing for this site; copy the address instead.'));
    saved.list(find('x-saved'), does);
  });
  saved.list(find('x-saved'), does);
  const copy = async (text, done) => {
    try {
      await navigator.clipboard.writeText(text);
      does.say(done);
    } catch {
      find('x-citation').focus();
      find('x-citation').select();
      does.say(t('Copy the text from the field.'));
    }
  };
  on('x-link', () => {
    const { text } = address(session.state);
    find('x-citation').value = text ? new URL(text, location.href).href : t('This drawing is too long for an address. Save the view, or narrow it.');
    find('x-citation').hidden = false;
    copy(find('x-citation').value, t('The address is copied.'));
  });
  on('x-cite', async () => {
    const { citation } = await import('./exports.js');
    find('x-citation').value = citation(session, title());
    find('x-citation').hidden = false;
    copy(find('x-citation').value, t('The citation is copied.'));
  });
  const picture = async (form) => {
    const { svg, png, save } = await import('./exports.js');
    const text = svg(stage.drawing, stage.labels, session, title());
    if (form === 'svg') return save(text, 'mikg-drawing.svg', 'image/svg+xml');
    return save(await png(text), 'mikg-drawing.png', 'image/png');
  };
  on('x-svg', () => picture('svg'));
  on('x-png', () => picture('png'));

  // Paths: within the drawing at once, or the best connections of the whole network.
  let from = '';
  let to = '';
  const name = (id) => session.node(id)?.name ?? id;
  function ends() {
    find('x-path-said').textContent = from ? (to ? '' : t('From {name}: choose where to.', { name: name(from) })) : '';
  }
  const go = (one, two) => {
    [from, to] = [one, two];
    const edges = stage.way(one, two);
    if (edges) {
      does.showPath(edges);
      does.say(t('{from} and {to} are {n} steps apart in this drawing.', { from: name(one), to: name(two), n: edges.length }));
    } else does.say(t('Nothing drawn joins {from} and {to}; look in the whole network.', { from: name(one), to: name(two) }));
    find('x-path-said').replaceChildren(el('a', { href: `${location.pathname}?from=${encodeURIComponent(one)}&to=${encodeURIComponent(two)}` }, t('all connections of {from} and {to}', { from: name(one), to: name(two) })));
    from = '';
  };
  attach(find('x-path'), { look: drawn, chosen: (node) => (from ? go(from, node.id) : ((from = node.id), (to = ''), ends())) });
  session.addEventListener('show', () => {
    find('x-paths').replaceChildren(...session.view.paths.map(({ edges, words }, order) => el('li', {}, el('button', { type: 'button', class: 'x-way', onclick: () => does.showPath(stage.follow(edges), words) }, t('connection {n}: {steps} steps', { n: order + 1, steps: edges.length })))));
  });

  return {
    path(id) {
      from = id;
      to = '';
      ends();
      find('x-paths-box').open = true;
      find('x-path').focus();
    },
    // An honest refusal, with ways to narrow.
    refused(view) {
      const box = find('x-refused');
      box.hidden = !view.refused;
      if (!view.refused) return;
      const best = [100, 300, 1000].map((n) => el('button', { type: 'button', class: 'quiet', onclick: () => session.change({ most: String(n) }) }, t('the {n} best attested', { n: number(n) })));
      box.replaceChildren(el('p', {}, view.refused), el('p', { class: 'x-does' }, best, session.past.length ? el('button', { type: 'button', class: 'quiet', onclick: () => session.undo() }, t('back to what was drawn')) : ''));
    },
  };
}
