// What a row rests on: its passages with their quotations, asked for once an answer.
import { ask } from './asking.js';
import { h, say, shorten } from './dom.js';

export async function sources(answer, query, index) {
  try {
    if (!answer.cited) answer.citing ??= ask(query, { cite: true });
    const cited = answer.cited ?? (answer.cited = (await answer.citing).cited);
    const row = cited?.rows?.[index];
    const passages = new Map(cited.passages.map((each) => [each.iri, each]));
    const ways = row?.derivations?.filter((way) => way.length) ?? [];
    const parts = [];
    ways.forEach((way, place) => {
      if (place) parts.push(h('p', { class: 'soft' }, say('or')));
      parts.push(...way.map((iri) => passage(passages.get(iri) ?? { iri })));
    });
    if (row?.more) parts.push(h('p', { class: 'soft' }, '…'));
    for (const rule of row?.rules ?? []) parts.push(h('p', { class: 'soft' }, say('rule', { rule: rule.split('/').pop().replaceAll('-', ' ') })));
    if (row?.rules) parts.push(...(row.beneath ?? []).map((iri) => passage(passages.get(iri) ?? { iri })));
    if (row?.absence) parts.push(h('p', { class: 'soft' }, say('absence')));
    if (cited.refused) parts.push(h('p', { class: 'soft' }, cited.refused));
    return h('div', {}, ...(parts.length ? parts : [h('p', { class: 'soft' }, say('noSources'))]));
  } catch (fault) {
    answer.citing = undefined;
    return h('p', { class: 'fault' }, fault.message || say('offline'));
  }
}

function passage(each) {
  const where = [each.publisher, each.date, each.place].filter(Boolean).join(', ');
  return h(
    'div',
    { class: 'said' },
    each.quotation ? h('blockquote', { lang: 'en' }, each.quotation) : each.gist ? h('p', { lang: 'en' }, each.gist) : null,
    each.quotation && each.gist ? h('p', { class: 'soft small', lang: 'en' }, each.gist) : null,
    ...(each.status ? [h('p', { class: 'small' }, String(each.status))] : []),
    h('p', { class: 'soft small' }, h('a', { href: address(each.iri) }, h('cite', {}, each.title || `${say('ours')} (${shorten(each.iri)})`)), where ? h('span', { lang: 'en' }, `, ${where}`) : ''),
  );
}

function address(iri) {
  const place = iri.split('/document/')[1];
  if (!place) return `/graphs?graph=${encodeURIComponent(iri)}`;
  const [key, ...rest] = place.split('/');
  return `/documents/${key}${rest.length ? `#${rest.join('/')}` : ''}`;
}
