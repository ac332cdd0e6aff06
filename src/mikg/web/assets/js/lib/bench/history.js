// The queries that were run in this browser, the last first; they stay in it.
import { h, say } from './dom.js';

const KEY = 'mikg-queries';
const KEPT = 50;

export function past() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(found) ? found.filter((each) => typeof each?.query === 'string') : [];
  } catch {
    return [];
  }
}

export function remember(query, said) {
  try {
    const rest = past().filter((each) => each.query !== query);
    localStorage.setItem(KEY, JSON.stringify([{ query, said, at: Date.now() }, ...rest].slice(0, KEPT)));
  } catch {
    // A browser that keeps nothing has no history.
  }
}

export function history(choose, again) {
  const list = past();
  if (!list.length) return h('p', { class: 'soft' }, say('empty'));
  const time = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' });
  const items = list.map((each) => {
    const lines = each.query.split('\n').filter((line) => line.trim() && !/^\s*(PREFIX|BASE)\b/i.test(line));
    return h('li', {}, h('button', { type: 'button', class: 'old', onclick: () => choose(each.query) }, lines.slice(0, 3).join(' ').replace(/\s+/g, ' ').slice(0, 140)), h('small', {}, `${time.format(each.at)}${each.said ? `, ${each.said}` : ''}`));
  });
  const forget = h('button', { type: 'button', class: 'quiet', onclick: () => { localStorage.removeItem(KEY); again(); } }, say('forget'));
  return h('div', {}, h('ul', { class: 'plain' }, items), forget);
}
