// Which of the loaded nodes and edges pass the filters: the same rules as src/mikg/exploration/__init__.py.
export const year = (date) => (/^\d{4}/.test(date ?? '') ? Number(String(date).slice(0, 4)) : null);

export function visible(view, state) {
  const off = {};
  for (const text of state.no) (off[text.slice(0, text.indexOf(':'))] ??= new Set()).add(text.slice(text.indexOf(':') + 1));
  const without = (facet, value) => off[facet]?.has(String(value)) ?? false;
  const hidden = new Set(state.hide);
  const kept = new Set(view.kept.filter((id) => !hidden.has(id)));
  const inside = new Set();
  for (const node of view.nodes) {
    const out = hidden.has(node.id) || (!kept.has(node.id) && (without('kind', node.kind) || without('community', node.community)));
    if (!out) inside.add(node.id);
  }
  const since = Number(state.since) || null;
  const until = Number(state.until) || null;
  const edges = view.edges.filter((edge) => {
    if (!inside.has(edge.source) || !inside.has(edge.target)) return false;
    if (without('relation', edge.relation) || without('speaker', edge.speaker)) return false;
    if (off.document && edge.documents.length && edge.documents.every((key) => off.document.has(key))) return false;
    const [first, last] = [year(edge.start), year(edge.end)];
    if (first === null && last === null) return state.undated !== 'no';
    return (until === null || (first ?? last) <= until) && (since === null || (last ?? first) >= since);
  });
  const touched = new Set(edges.flatMap((edge) => [edge.source, edge.target]));
  const alone = !edges.length && !view.edges.length; // a list without relations is shown as it is
  const nodes = view.nodes.filter((node) => inside.has(node.id) && (kept.has(node.id) || touched.has(node.id) || alone));
  return { nodes, edges };
}

// One drawn edge for all statements of one relation between the same two, in one status.
export function drawn(edges) {
  const found = new Map();
  for (const edge of edges) {
    const key = [edge.source, edge.target, edge.relation, edge.status].join('\n');
    const each = found.get(key);
    if (each) each.statements.push(edge);
    else found.set(key, { ...edge, statements: [edge] });
  }
  for (const each of found.values()) {
    each.documents = [...new Set(each.statements.flatMap((edge) => edge.documents))];
    each.sources = each.documents.length;
  }
  return [...found.values()];
}
