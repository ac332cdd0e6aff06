// Put a query to the endpoint, and stop it: leaving ends the query on the server too.
import { h, post } from './dom.js';

const RESULTS = 'application/sparql-results+json, application/n-triples;q=0.9, application/problem+json;q=0.5';

// {columns, rows} or {boolean} or a graph as rows of its triples; `cited` where sources were asked for. Throws {said, line, column, details}.
export async function ask(query, { cite = false, signal } = {}) {
  const body = new URLSearchParams({ query });
  if (cite) body.set('cite', 'true');
  const began = performance.now();
  const answer = await fetch('/sparql', { method: 'POST', headers: { Accept: cite ? 'application/sparql-results+json' : RESULTS }, body, signal });
  if (!answer.ok) {
    const text = await answer.text();
    let fault;
    try {
      fault = JSON.parse(text);
    } catch {
      fault = { detail: text };
    }
    throw Object.assign(new Error(fault.detail), { status: answer.status, ...fault });
  }
  const type = answer.headers.get('Content-Type') ?? '';
  const text = await answer.text();
  const took = performance.now() - began;
  return { ...(type.includes('n-triples') ? graph(text) : results(JSON.parse(text))), took, bytes: text.length };
}

export function results(whole) {
  if ('boolean' in whole) return { boolean: whole.boolean, columns: [], rows: [], cited: whole['mikg:citations'] };
  return { columns: whole.head.vars, rows: whole.results.bindings, cited: whole['mikg:citations'] };
}

// N-Triples as rows of subject, predicate and object: https://www.w3.org/TR/n-triples/
const TERM = String.raw`<([^>]*)>|_:(\S+)|"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<([^>]*)>)?`;
const LINE = new RegExp(String.raw`^(?:${TERM})\s+<([^>]*)>\s+(?:${TERM})\s*\.\s*$`);

function graph(text) {
  const rows = [];
  for (const line of text.split('\n')) {
    const found = line.match(LINE);
    if (found) rows.push({ subject: term(found.slice(1, 6)), predicate: { type: 'uri', value: unescape(found[6]) }, object: term(found.slice(7, 12)) });
  }
  return { columns: ['subject', 'predicate', 'object'], rows, graph: true };
}

function term([iri, blank, text, language, datatype]) {
  if (iri !== undefined) return { type: 'uri', value: unescape(iri) };
  if (blank !== undefined) return { type: 'bnode', value: blank };
  return { type: 'literal', value: unescape(text), ...(language ? { 'xml:lang': language } : {}), ...(datatype ? { datatype } : {}) };
}

const SHORT = { t: '\t', b: '\b', n: '\n', r: '\r', f: '\f' };
function unescape(text) {
  return text.includes('\\') ? text.replace(/\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))/g, (_, u, U, one) => (u || U ? String.fromCodePoint(parseInt(u ?? U, 16)) : (SHORT[one] ?? one))) : text;
}

// Names of IRIs, asked for as they come into view and remembered.
const named = new Map();
export async function names(iris) {
  const missing = [...new Set(iris)].filter((iri) => !named.has(iri) && iri.length < 2000);
  for (let start = 0; start < missing.length; start += 400) {
    try {
      const found = await post('/api/labels.json', missing.slice(start, start + 400));
      for (const [iri, each] of Object.entries(found)) named.set(iri, each);
    } catch {
      return named;
    }
  }
  return named;
}

export function mark(thing) {
  return h('svg', { class: `mark kind-${thing.kind}`, viewBox: '0 0 12 12', 'aria-hidden': 'true' }, h('path', { d: thing.shape }));
}
