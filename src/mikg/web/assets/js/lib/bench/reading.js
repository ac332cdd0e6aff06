// What a half-written query says at a place: which part of a triple is being written, of what, and what is known of it.
const TOKEN = /(?<comment>#[^\n]*)|(?<iri><[^<>"{}|^`\\\s]*>)|(?<string>"""[^]*?"""|'''[^]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<variable>[?$][\p{L}\p{N}_]+)|(?<name>[\p{L}\p{N}_-]*:(?:[\p{L}\p{N}_:%-]|\.(?=[\p{L}\p{N}_]))*)|(?<number>[+-]?\d+(?:\.\d+)?)|(?<word>@?[A-Za-z_][\w-]*)|(?<mark>\^\^|&&|\|\||!=|<=|>=|[^\s])/gu;
const PATTERNS = new Set(['OPTIONAL', 'MINUS', 'GRAPH', 'FILTER', 'BIND', 'VALUES', 'UNION', 'SELECT', 'SERVICE', 'EXISTS', 'NOT']);

export function tokens(text) {
  return [...text.matchAll(TOKEN)].map((match) => {
    const kind = Object.entries(match.groups).find(([, value]) => value !== undefined)[0];
    return { kind, text: match[0], from: match.index, to: match.index + match[0].length };
  });
}

export function declared(text) {
  const found = {};
  const all = tokens(text);
  all.forEach((token, index) => {
    if (token.kind === 'word' && token.text.toUpperCase() === 'PREFIX' && all[index + 1]?.kind === 'name' && all[index + 2]?.kind === 'iri') found[all[index + 1].text.slice(0, -1)] = all[index + 2].text.slice(1, -1);
  });
  return found;
}

// {slot: 'subject' | 'predicate' | 'object' | 'expression' | 'head' | 'nothing', subject, predicate, triples}
export function reading(text, place) {
  const triples = [];
  let state = { slot: 'head', subject: null, predicate: null };
  let at = null;
  const stack = [];
  let depth = 0;
  for (const token of tokens(text)) {
    if (at === null && token.to >= place) {
      at = token.kind === 'comment' || (token.kind === 'string' && token.from < place && token.to > place) ? { slot: 'nothing' } : { ...state, depth };
    }
    if (token.kind === 'comment') continue;
    const word = token.kind === 'word' ? token.text.toUpperCase() : '';
    if (depth && token.text === '(' && token.kind === 'mark') depth += 1;
    else if (depth) {
      if (token.text === ')') depth -= 1;
      else if (token.text === '{') {
        stack.push({ ...state, depth });
        depth = 0;
        state = { slot: 'subject', subject: null, predicate: null };
        continue;
      }
      if (!depth && state.slot === 'expression') state = { slot: 'subject', subject: null, predicate: null };
    } else if (token.text === '(' && token.kind === 'mark') {
      if (state.slot === 'expression' || state.slot === 'head') depth = 1;
    } else if (token.text === '{') {
      stack.push({ ...state, depth: 0 });
      state = { slot: 'subject', subject: null, predicate: null };
    } else if (token.text === '}') {
      const outer = stack.pop();
      depth = outer?.depth ?? 0;
      state = stack.length ? (depth ? outer : { slot: 'subject', subject: null, predicate: null }) : { slot: 'head', subject: null, predicate: null };
    } else if (!stack.length) {
      continue;
    } else if (token.text === '.' && token.kind === 'mark') state = { slot: 'subject', subject: null, predicate: null };
    else if (token.text === ';') state = { ...state, slot: 'predicate', predicate: null };
    else if (token.text === ',') state = { ...state, slot: 'object' };
    else if (word === 'FILTER' || word === 'BIND' || word === 'HAVING') state = { slot: 'expression', subject: null, predicate: null };
    else if (word === 'GRAPH') state = { slot: 'graph', subject: null, predicate: null };
    else if (PATTERNS.has(word)) state = { slot: word === 'VALUES' || word === 'SELECT' ? 'expression' : 'subject', subject: null, predicate: null };
    else if (state.slot === 'graph') state = { slot: 'subject', subject: null, predicate: null };
    else if (state.slot === 'subject' && token.kind !== 'mark') state = { slot: 'predicate', subject: token.text, predicate: null };
    else if (state.slot === 'predicate') {
      if (token.text === '^') state = { ...state, inverse: true };
      else if (token.kind === 'name' || token.kind === 'iri' || token.kind === 'variable' || word === 'A') state = { ...state, slot: 'object', predicate: word === 'A' ? 'a' : token.text, inverse: false };
    } else if (state.slot === 'object') {
      if (token.text === '/' || token.text === '|') state = { ...state, slot: 'predicate', stepped: true };
      else if (token.kind !== 'mark') {
        triples.push([state.subject, state.predicate, token.text]);
        state = { ...state, slot: 'done' };
      }
    }
  }
  return { ...(at ?? { ...state, depth }), triples };
}
