// The editor in the place of the text field: colours, brackets, completion, what is wrong as one types, what a name means.
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, startCompletion } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting, syntaxTree } from '@codemirror/language';
import { linter, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, hoverTooltip, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { sparql } from 'codemirror-lang-sparql';
import { names } from './asking.js';
import { about, complete, declare, load, meant } from './completion.js';
import { post, prefixes, say } from './dom.js';
import { declared, tokens } from './reading.js';

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--sea)', fontWeight: '600' },
  { tag: [tags.variableName], color: 'var(--c-country)' },
  { tag: [tags.string, tags.annotation], color: 'var(--c-organisation)' },
  { tag: [tags.integer, tags.float, tags.bool], color: 'var(--sand)' },
  { tag: tags.comment, color: 'var(--soft)', fontStyle: 'italic' },
  { tag: [tags.namespace, tags.url, tags.typeName], color: 'var(--ink)' },
]);
const looks = EditorView.theme({
  '&': { height: '100%', color: 'var(--ink)', backgroundColor: 'var(--card)', fontSize: '.875rem' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6' },
  '.cm-content': { caretColor: 'var(--ink)', padding: '.6rem 0' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--soft)', border: '0' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--sea) 6%, transparent)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'color-mix(in srgb, var(--sea) 22%, transparent) !important' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'color-mix(in srgb, var(--sea) 20%, transparent)', outline: '1px solid var(--line)' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'color-mix(in srgb, var(--flag) 25%, transparent)' },
  '.cm-tooltip': { backgroundColor: 'var(--card)', color: 'var(--ink)', border: '1px solid var(--line)', borderRadius: '6px', boxShadow: '0 6px 24px rgb(0 0 0 / .16)', maxWidth: 'min(92vw, 44rem)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', fontSize: '.85rem', maxHeight: '17rem' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '.22rem .6rem', lineHeight: '1.45' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--sea)', color: 'var(--on-sea)' },
  '.cm-tooltip.cm-tooltip-autocomplete completion-section': { display: 'block', fontFamily: 'var(--sans)', fontSize: '.76rem', color: 'var(--soft)', borderBottom: '1px solid var(--rule)', padding: '.1rem .6rem', opacity: '1' },
  '.cm-completionDetail': { fontFamily: 'var(--sans)', fontStyle: 'normal', color: 'var(--soft)', marginLeft: '.9rem' },
  'li[aria-selected] .cm-completionDetail': { color: 'inherit' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '600' },
  '.cm-completionInfo, .about': { fontFamily: 'var(--sans)', fontSize: '.85rem', padding: '.5rem .75rem', maxWidth: '22rem' },
  '.about p': { margin: '.2rem 0' },
  '.about small': { fontFamily: 'var(--mono)', fontSize: '.76rem' },
  '.cm-diagnostic': { borderLeft: '3px solid var(--flag)', padding: '.4rem .75rem', fontFamily: 'var(--sans)', fontSize: '.875rem' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--sand)' },
  '.cm-diagnosticAction': { background: 'var(--sea)', color: 'var(--on-sea)', margin: '.2rem .3rem 0 0', font: 'inherit', padding: '.2rem .6rem', borderRadius: '4px' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--flag) 1.5px', textUnderlineOffset: '3px' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--sand) 1.5px', textUnderlineOffset: '3px' },
  '.cm-lint-marker': { width: '.6em', height: '.6em', content: '""', borderRadius: '50%', margin: '.5em .2em' },
  '.cm-lint-marker-error': { backgroundColor: 'var(--flag)' },
  '.cm-lint-marker-warning': { backgroundColor: 'var(--sand)' },
});

function offset(doc, line, column) {
  const found = doc.line(Math.max(1, Math.min(line, doc.lines)));
  // Columns count characters, the editor counts UTF-16 units.
  return Math.min(found.to, found.from + [...found.text].slice(0, column - 1).join('').length);
}

export function marks(doc, faults) {
  return faults.map((fault) => {
    let from = offset(doc, fault.line, fault.column);
    const to = Math.min(doc.length, from + Math.max(1, fault.length ?? 1));
    if (from === to && from) from -= 1;
    const undeclared = fault.said.match(/prefix '([\w-]+):'/)?.[1];
    const actions = (fault.instead ?? []).map((name) => ({ name, apply: (view, start, end) => { view.dispatch({ changes: { from: start, to: end, insert: name } }); declare(view, name.slice(0, name.indexOf(':'))); } }));
    if (undeclared && prefixes()[undeclared]) actions.push({ name: `PREFIX ${undeclared}:`, apply: (view) => declare(view, undeclared) });
    return { from, to, severity: fault.severity ?? 'error', message: fault.said, actions };
  });
}

async function wrong(view) {
  const doc = view.state.doc;
  if (!doc.toString().trim()) return [];
  try {
    return marks(doc, (await post('/api/check.json', doc.toString())).faults);
  } catch {
    // Out of reach: what the grammar here says.
    const found = [];
    syntaxTree(view.state).iterate({ enter: (node) => { if (node.type.isError && !found.length) found.push({ from: node.from, to: Math.max(node.to, Math.min(doc.length, node.from + 1)), severity: 'error', message: '?' }); } });
    return found;
  }
}

const meaning = hoverTooltip(async (view, place) => {
  const text = view.state.doc.toString();
  const token = tokens(text).find((each) => each.from <= place && place <= each.to && ['name', 'iri', 'word'].includes(each.kind));
  const known = token && (await load());
  if (!known) return null;
  const term = meant(known, text, token.text);
  if (term) return { pos: token.from, end: token.to, above: true, create: () => ({ dom: about(term) }) };
  const iri = token.kind === 'iri' ? token.text.slice(1, -1) : token.kind === 'name' ? (declared(text)[token.text.split(':')[0]] ?? '') + token.text.slice(token.text.indexOf(':') + 1) : '';
  if (!iri.startsWith('http')) return null;
  const thing = (await names([iri])).get(iri);
  if (!thing?.known) return null;
  return { pos: token.from, end: token.to, above: true, create: () => { const dom = document.createElement('div'); dom.className = 'about'; const [name, kind] = ['strong', 'small'].map((each) => document.createElement(each)); name.textContent = thing.name; kind.textContent = ` ${thing.called}`; dom.append(name, kind); return { dom }; } };
});

// A known prefix that is typed brings its PREFIX line.
const declaring = EditorView.updateListener.of((update) => {
  if (!update.docChanged || !update.transactions.some((each) => each.isUserEvent('input.type'))) return;
  const place = update.state.selection.main.head;
  if (update.state.sliceDoc(place - 1, place) !== ':') return;
  const all = tokens(update.state.doc.toString());
  const index = all.findIndex((each) => each.kind === 'name' && each.to === place);
  if (index < 0 || all[index - 1]?.text.toUpperCase() === 'PREFIX') return;
  setTimeout(() => declare(update.view, all[index].text.slice(0, -1)) && startCompletion(update.view));
});

export function editor(field, { run, changed, readOnly }) {
  // The editor's own styles insist on position: relative; a frame of ours lies over the field.
  const parent = document.createElement('div');
  parent.className = 'mount';
  field.after(parent);
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: field.value,
      extensions: [
        keymap.of([{ key: 'Mod-Enter', run: () => (run(), true) }, { key: 'Tab', run: acceptCompletion }, ...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap]),
        lineNumbers(),
        history(),
        drawSelection(),
        indentUnit.of('  '),
        indentOnInput(),
        highlightActiveLine(),
        bracketMatching(),
        closeBrackets(),
        lintGutter(),
        EditorView.lineWrapping,
        linter(wrong, { delay: 350 }),
        sparql(),
        syntaxHighlighting(colours),
        autocompletion({ override: [complete], icons: false, activateOnTyping: true, activateOnTypingDelay: 80, interactionDelay: 40, maxRenderedOptions: 80 }),
        meaning,
        declaring,
        looks,
        EditorView.contentAttributes.of({ 'aria-label': say('editor'), 'aria-multiline': 'true', 'aria-describedby': 'query-help', spellcheck: 'false' }),
        // A space after a property or `;` offers what fits, since that is when one asks oneself.
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          field.value = update.state.doc.toString();
          changed?.();
          const place = update.state.selection.main.head;
          if (update.transactions.some((each) => each.isUserEvent('input.type') || each.isUserEvent('input.complete')) && /[;\w>] $/.test(update.state.sliceDoc(place - 2, place))) setTimeout(() => startCompletion(update.view));
        }),
        ...(readOnly ? [EditorState.readOnly.of(true)] : []),
      ],
    }),
  });
  // Whoever is writing in the field goes on in the editor, at the same place.
  const writing = document.activeElement === field;
  if (writing) view.dispatch({ selection: { anchor: field.selectionStart, head: field.selectionEnd } });
  field.parentElement.classList.add('alive');
  if (writing) view.focus();
  load();
  return {
    view,
    get text() {
      return view.state.doc.toString();
    },
    set text(query) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: query } });
    },
    focus: () => view.focus(),
    point(faults) {
      const found = marks(view.state.doc, faults);
      view.dispatch(setDiagnostics(view.state, found));
      if (found.length) view.dispatch({ selection: { anchor: found[0].from }, scrollIntoView: true });
    },
    replace(token, name) {
      const at = tokens(view.state.doc.toString()).filter((each) => each.text === token);
      const text = view.state.doc.toString();
      const places = at.length ? at.map((each) => each.from) : [text.indexOf(token)].filter((each) => each >= 0);
      view.dispatch({ changes: places.map((from) => ({ from, to: from + token.length, insert: name })) });
      for (const prefix of name.match(/^[\w-]+(?=:)|(?<=\^\^)[\w-]+(?=:)/g) ?? []) declare(view, prefix);
    },
  };
}
