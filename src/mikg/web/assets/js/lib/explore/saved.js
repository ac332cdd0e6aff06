// Views kept in this browser under a name, positions and all, however long their address.
import { el, t } from './words.js';
import { search } from './state.js';

const KEY = 'mikg-explore-views';

export function read() {
  try {
    const views = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(views) ? views.filter((each) => typeof each?.name === 'string' && typeof each?.search === 'string') : [];
  } catch {
    return [];
  }
}

// Whether it could be kept: a browser may refuse storage, or have no room left.
export function keep(name, state) {
  const views = [{ name, search: search(state), day: new Date().toISOString().slice(0, 10) }, ...read().filter((each) => each.name !== name)];
  try {
    localStorage.setItem(KEY, JSON.stringify(views));
    return true;
  } catch {
    return false;
  }
}

export function forget(name) {
  try {
    localStorage.setItem(KEY, JSON.stringify(read().filter((each) => each.name !== name)));
  } catch {
    // nothing was kept either
  }
}

export function list(host, does) {
  const views = read();
  host.replaceChildren(...(views.length
    ? [el('ul', { class: 'x-saved' }, views.map((each) => el('li', {},
        el('button', { type: 'button', class: 'x-way', onclick: () => does.load(each.search) }, each.name), el('span', { class: 'soft' }, ` ${each.day ?? ''} `),
        el('button', { type: 'button', class: 'x-only', 'aria-label': t('forget {name}', { name: each.name }), onclick: () => (forget(each.name), list(host, does)) }, t('forget')))))]
    : [el('p', { class: 'soft' }, t('No view is saved in this browser yet.'))]));
}
