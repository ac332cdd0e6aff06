// The same query from a shell, Python, R and JavaScript.
import { h, say } from './dom.js';

const FORMS = {
  curl: (base, query) => `curl --data-urlencode query@- -H 'Accept: text/csv' ${base}/sparql <<'SPARQL'\n${query.trimEnd()}\nSPARQL\n`,
  Python: (base, query) => `import csv, io\n\nimport requests\n\nquery = ${python(query)}\nanswer = requests.post("${base}/sparql", data={"query": query}, headers={"Accept": "text/csv"})\nanswer.raise_for_status()\nfor row in csv.DictReader(io.StringIO(answer.text)):\n    print(row)\n`,
  SPARQLWrapper: (base, query) => `from SPARQLWrapper import JSON, SPARQLWrapper\n\nendpoint = SPARQLWrapper("${base}/sparql")\nendpoint.setReturnFormat(JSON)\nendpoint.setQuery(${python(query)})\nfor row in endpoint.query().convert()["results"]["bindings"]:\n    print({name: term["value"] for name, term in row.items()})\n`,
  R: (base, query) => `library(httr)\n\nquery <- r"---(${query})---"\nanswer <- POST("${base}/sparql", body = list(query = query), encode = "form", accept("text/csv"))\nstop_for_status(answer)\nrows <- read.csv(text = content(answer, "text", encoding = "UTF-8"))\nprint(rows)\n`,
  JavaScript: (base, query) => `const query = ${JSON.stringify(query)};\nconst answer = await fetch("${base}/sparql", {\n  method: "POST",\n  headers: { Accept: "application/sparql-results+json" },\n  body: new URLSearchParams({ query }),\n});\nconst { results } = await answer.json();\nconsole.table(results.bindings.map((row) => Object.fromEntries(Object.entries(row).map(([name, term]) => [name, term.value]))));\n`,
};

function python(query) {
  return query.includes('"""') || query.includes('\\') ? JSON.stringify(query) : `"""\n${query.trimEnd()}\n"""`;
}

export function snippets(base, query) {
  const code = h('code');
  const pre = h('pre', { tabindex: '0' }, code);
  const buttons = Object.entries(FORMS).map(([name, write]) => h('button', { type: 'button', class: 'quiet', 'aria-pressed': 'false', onclick: () => show(name, write) }, name));
  function show(name, write) {
    code.textContent = write(base, query);
    buttons.forEach((button) => button.setAttribute('aria-pressed', String(button.textContent === name)));
  }
  const copy = h('button', { type: 'button', class: 'quiet', onclick: async () => { await copied(code.textContent); copy.textContent = say('copiedCode'); setTimeout(() => (copy.textContent = say('copy')), 2000); } }, say('copy'));
  show('curl', FORMS.curl);
  return h('div', {}, h('div', { class: 'choices' }, buttons, copy), pre);
}

export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without a secure context there is no clipboard: the old way.
    const field = h('textarea', { style: 'position:fixed;opacity:0' });
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
  }
}
