// What may come next, from this graph: what fits the class so far first, by use; then the rest.
import { ask, names } from './asking.js';
import { prefixes, say, shorten } from './dom.js';
import { declared, reading, tokens } from './reading.js';

const TYPE = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#type';
const LISTED = 80;
const HEAD = ['SELECT', 'ASK', 'CONSTRUCT', 'DESCRIBE', 'PREFIX', 'WHERE', 'DISTINCT', 'GROUP BY', 'ORDER BY', 'HAVING', 'LIMIT', 'OFFSET', 'VALUES', 'COUNT(', 'AS', 'DESC('];
const GROUP = ['OPTIONAL { ', 'FILTER(', 'GRAPH ?passage { ', 'BIND(', 'VALUES ', 'UNION { ', 'MINUS { ', 'FILTER NOT EXISTS { ', 'SELECT '];
const EXPRESSION = ['LANG(', 'STR(', 'CONTAINS(', 'LCASE(', 'REGEX(', 'YEAR(', 'BOUND(', 'COALESCE(', 'IF(', 'STRSTARTS(', 'DATATYPE(', 'LANGMATCHES(', 'COUNT(', 'SUM(', 'MIN(', 'MAX(', 'AVG(', 'SAMPLE(', 'GROUP_CONCAT(', 'DISTINCT ', 'AS ', 'IN (', 'NOT IN (', 'EXISTS { ', 'NOT EXISTS { '];

let vocabulary = null;
export async function load() {
  vocabulary ??= fetch('/api/complete.json').then((answer) => answer.json()).then((known) => {
    const terms = known.terms.map(([curie, kind, uses, name, definition], number) => ({ curie, kind, uses, name, definition, number }));
    return { ...known, terms, byCurie: new Map(terms.map((term) => [term.curie, term])) };
  }).catch(() => {
    vocabulary = null;
    return null;
  });
  return vocabulary;
}

// The term that a token of the query means, whatever prefix it is written with.
export function meant(known, text, token) {
  const own = declared(text);
  if (token === 'a') return known.byCurie.get('rdf:type');
  if (token.startsWith('<')) return known.byCurie.get(shorten(token.slice(1, -1)));
  const [prefix, local] = [token.slice(0, token.indexOf(':')), token.slice(token.indexOf(':') + 1)];
  const namespace = own[prefix] ?? prefixes()[prefix];
  return namespace ? known.byCurie.get(shorten(namespace + local)) : undefined;
}

function classesOf(known, text, subject, triples) {
  const found = triples.filter(([s, p, o]) => s === subject && (p === 'a' || meant(known, text, p ?? '')?.curie === 'rdf:type') && o && !o.startsWith('?')).map(([, , o]) => meant(known, text, o)).filter(Boolean);
  if (found.length || !subject?.startsWith('?')) return found;
  // No class is written: what the property into it usually leads to.
  for (const [, p, o] of triples) {
    const property = o === subject && p && !p.startsWith('?') ? meant(known, text, p) : null;
    const own = (known.values[property?.number] ?? []).map((number) => known.terms[number]).find((term) => term.curie.startsWith('mikg:'));
    if (own) return [own];
  }
  return [];
}

export async function complete(context) {
  const known = await load();
  const before = context.matchBefore(/[\p{L}\p{N}_-]*:?[\p{L}\p{N}_.%-]*|[?$][\p{L}\p{N}_]*/u);
  const start = before?.from ?? context.pos;
  const typed = before?.text ?? '';
  const text = context.state.doc.toString();
  const here = reading(text, start < context.pos ? context.pos : context.pos + 0.5);
  if (!known || here.slot === 'nothing') return null;
  const line = context.state.doc.lineAt(context.pos).text.slice(0, context.pos - context.state.doc.lineAt(context.pos).from);
  if (/^\s*PREFIX\s+[\w-]*:?$/i.test(line)) return prefixLines(context, typed, start);
  const spaced = /\s$/.test(line) && line.trim();
  if (!typed && !context.explicit && !(spaced && ['predicate', 'object'].includes(here.slot))) return null;
  if (/^[?$]/.test(typed)) return { from: start, options: variables(text, start), validFor: /^[?$][\p{L}\p{N}_]*$/u };
  const options = await offered(known, text, here, typed, context);
  return options.length ? { from: start, options: options.slice(0, LISTED), filter: false } : null;
}

async function offered(known, text, here, typed, context) {
  const wanted = typed.toLowerCase();
  const like = (option) => !wanted || `${option.label} ${option.detail ?? ''}`.toLowerCase().includes(wanted);
  const words = (list) => list.filter((word) => !wanted || word.toLowerCase().startsWith(wanted)).map((word) => ({ label: word.trim(), apply: word, type: 'keyword' }));
  if (here.slot === 'head') return [...words(HEAD), ...(typed.length > 1 ? variables(text, context.pos).filter(like) : [])];
  if (here.slot === 'expression' || here.depth) return [...variables(text, context.pos).filter(like), ...words(EXPRESSION), ...(typed.includes(':') ? known.terms.map((term) => option(term)).filter(like) : [])];
  if (here.slot === 'predicate') {
    const classes = classesOf(known, text, here.subject, here.triples);
    const lists = classes.map((term) => known.uses[term.number] ?? []);
    const fitting = (lists[0] ?? []).filter((number) => lists.every((list) => list.includes(number))).map((number) => known.terms[number]);
    const fits = { name: classes.map((each) => each.name || each.curie).join(', '), rank: 0 };
    const others = { name: say('others'), rank: 1 };
    const first = fitting.sort(own).map((term) => ({ ...option(term), boost: 1, section: fits }));
    const rest = known.terms.filter((term) => term.kind === 'property' && term.uses && !fitting.includes(term)).sort(own).map((term) => ({ ...option(term), ...(first.length ? { section: others } : {}) }));
    const typing = !fitting.length || classes.length === 0 ? [{ label: 'a', detail: known.byCurie.get('rdf:type')?.name, type: 'keyword', apply: 'a ' }] : [];
    return rank([...(classes.length ? [] : typing), ...first, ...(wanted || !first.length || context.explicit ? rest : [])].filter(like), wanted);
  }
  if (here.slot === 'object') {
    const property = here.predicate ? meant(known, text, here.predicate) : null;
    if (property?.curie === 'rdf:type' || here.predicate === 'a') return rank(known.terms.filter((term) => term.kind === 'class' && term.uses).sort(own).map((term) => option(term)).filter(like), wanted);
    const [values, things] = await Promise.all([property ? valuesOf(property) : [], wanted.length > 1 ? suggested(typed, (known.values[property?.number] ?? []).slice(0, 3).map((number) => known.terms[number].curie)) : []]);
    const known_ = values.filter(like);
    const labels = new Set(known_.map((each) => each.label));
    return [...known_, ...things.filter((each) => !labels.has(each.label)), ...(wanted ? [] : variables(text, context.pos))];
  }
  if (here.slot === 'subject') return [...words(GROUP), ...variables(text, context.pos).filter(like), ...(wanted.length > 1 ? await suggested(typed, []) : [])];
  return words(GROUP);
}

// Our own terms first, since others repeat them by inference; else in the order of the list, which is that of use.
function own(one, other) {
  const first = (term) => (term.curie.startsWith('mikg:') ? 0 : /^(skos|dcterms|schema|qb):/.test(term.curie) ? 1 : 2);
  return first(one) - first(other);
}

function rank(options, wanted) {
  if (!wanted) return options;
  const local = (option) => option.label.slice(option.label.indexOf(':') + 1).toLowerCase();
  const bare = wanted.slice(wanted.indexOf(':') + 1);
  const score = (option) => (option.boost ? 0 : 4) + (option.label.toLowerCase().startsWith(wanted) || local(option).startsWith(bare) ? 0 : (option.detail ?? '').toLowerCase().startsWith(bare) ? 1 : 2);
  return options.map((option, index) => [score(option), index, option]).sort((one, other) => one[0] - other[0] || one[1] - other[1]).map(([, , option]) => option);
}

// The name beside a term is left out where it says the same again: mikg:party, party.
function detail(curie, name) {
  const plain = (text) => text.toLowerCase().replace(/[\s_-]/g, '');
  return name && plain(name) !== plain(curie.slice(curie.indexOf(':') + 1)) ? name : undefined;
}

function option(term) {
  return { label: term.curie, detail: detail(term.curie, term.name), type: term.kind, info: term.definition ? () => about(term) : undefined, apply: insert(term.curie) };
}

export function about(term) {
  const box = document.createElement('div');
  box.className = 'about';
  const [head, text, use] = ['strong', 'p', 'small'].map((name) => document.createElement(name));
  head.textContent = term.name || term.curie;
  text.textContent = term.definition || '';
  use.textContent = `${term.curie}, ${say(`kind_${term.kind}`)}, ${say('uses', { n: term.uses.toLocaleString(document.documentElement.lang) })}`;
  box.append(head, text, use);
  return box;
}

// Write a name, and its PREFIX line where there is none.
export function insert(curie) {
  return (view, _, from, to) => {
    view.dispatch({ changes: { from, to, insert: `${curie} ` }, selection: { anchor: from + curie.length + 1 }, userEvent: 'input.complete' });
    if (!curie.startsWith('<')) declare(view, curie.slice(0, curie.indexOf(':')));
  };
}

export function declare(view, prefix) {
  const text = view.state.doc.toString();
  const namespace = prefixes()[prefix];
  if (!namespace || prefix in declared(text)) return false;
  const all = tokens(text);
  const lines = all.flatMap((token, index) => (token.kind === 'word' && token.text.toUpperCase() === 'PREFIX' && all[index + 2]?.kind === 'iri' ? [{ from: token.from, to: all[index + 2].to, name: all[index + 1].text }] : []));
  const next = lines.find((each) => each.name > `${prefix}:`);
  const line = `PREFIX ${prefix}: <${namespace}>`;
  const first = all.find((token) => token.kind !== 'comment');
  const change = next ? { from: next.from, insert: `${line}\n` } : lines.length ? { from: lines.at(-1).to, insert: `\n${line}` } : { from: first?.from ?? text.length, insert: `${line}\n\n` };
  view.dispatch({ changes: change });
  return true;
}

function prefixLines(context, typed, from) {
  const own = declared(context.state.doc.toString());
  const options = Object.entries(prefixes()).filter(([prefix]) => !(prefix in own)).map(([prefix, namespace]) => ({ label: `${prefix}: <${namespace}>`, type: 'keyword', apply: `${prefix}: <${namespace}>\n` }));
  return { from, options, validFor: /^[\w-]*:?$/ };
}

function variables(text, place) {
  const found = new Set(tokens(text).filter((token) => token.kind === 'variable' && !(token.from <= place && place <= token.to)).map((token) => token.text.replace('$', '?')));
  return [...found].map((label) => ({ label, type: 'variable' }));
}

// What stands in the graph after a property, most used first: things with their names, and literals.
const kept = new Map();
function valuesOf(property) {
  const iri = property.curie.startsWith('<') ? property.curie : `<${prefixes()[property.curie.split(':')[0]]}${property.curie.slice(property.curie.indexOf(':') + 1)}>`;
  if (!kept.has(iri)) kept.set(iri, readValues(iri).catch(() => (kept.delete(iri), [])));
  return kept.get(iri);
}

async function readValues(iri) {
  if (iri === `<${TYPE}>`) return [];
  const { rows } = await ask(`SELECT ?value (COUNT(*) AS ?count) { ?thing ${iri} ?value } GROUP BY ?value ORDER BY DESC(?count) LIMIT 60`);
  const named = await names(rows.flatMap((row) => (row.value.type === 'uri' ? [row.value.value] : [])));
  return rows.flatMap(({ value: term, count }) => {
    if (term.type === 'bnode') return [];
    const label = written(term);
    if (term.type === 'uri') {
      const thing = named.get(term.value);
      return [{ label, detail: thing?.known ? detail(label, thing.name)?.slice(0, 60) : undefined, type: 'thing', apply: insert(label), info: `${say('uses', { n: count.value })}` }];
    }
    if (term.value.length > 60) return [];
    return [{ label, type: 'text', apply: (view, _, from, to) => { view.dispatch({ changes: { from, to, insert: `${label} ` }, selection: { anchor: from + label.length + 1 } }); if (label.includes('^^xsd:')) declare(view, 'xsd'); } }];
  });
}

function written(term) {
  if (term.type === 'uri') return /^[\w-]+:[\w-]+(?:[.-][\w-]+)*$/.test(shorten(term.value)) ? shorten(term.value) : `<${term.value}>`;
  const text = JSON.stringify(term.value);
  if (term['xml:lang']) return `${text}@${term['xml:lang']}`;
  if (!term.datatype) return text;
  const type = term.datatype.split('#')[1];
  return ['integer', 'decimal', 'boolean'].includes(type) ? term.value : `${text}^^xsd:${type}`;
}

async function suggested(typed, classes) {
  const word = typed.slice(typed.indexOf(':') + 1).replaceAll('-', ' ');
  if (!word.trim()) return [];
  const search = async (narrow) => {
    const answer = await fetch(`/api/suggest.json?${new URLSearchParams([['q', word], ['limit', '12'], ...narrow.map((each) => ['class', each])])}`);
    return answer.ok ? answer.json() : [];
  };
  try {
    const [fitting, all] = await Promise.all([classes.length ? search(classes) : [], search([])]);
    const seen = new Set();
    return [...fitting, ...all].filter((hit) => hit.kind !== 'question' && !seen.has(hit.iri) && seen.add(hit.iri)).map((hit) => {
      const label = written({ type: 'uri', value: hit.iri });
      return { label, detail: [detail(label, hit.name)?.slice(0, 60), hit.called].filter(Boolean).join(' · '), type: 'thing', apply: insert(label) };
    });
  } catch {
    return [];
  }
}
