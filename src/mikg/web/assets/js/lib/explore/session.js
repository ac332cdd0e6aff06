// One session of exploring: the state, what the server gave for it, undo and redo.
import { page, t } from './words.js';
import { address, search } from './state.js';
import { drawn, visible } from './filters.js';

const ASKED = ['start', 'open', 'status', 'most', 'question', 'query', 'from', 'to'];

export class Session extends EventTarget {
  constructor(state, view) {
    super();
    Object.assign(this, { state, view, past: [], future: [], kept: new Map() });
    if (view) this.kept.set(this.key(state), view);
  }

  // What the server is asked for: a filter only where the server had to apply it.
  key(state, narrowed = false) {
    const parts = narrowed ? [...ASKED, 'no', 'since', 'until', 'undated', 'hide'] : ASKED;
    const bare = { given: state.given, start: [] };
    for (const name of parts) bare[name] = state[name];
    return search(bare);
  }

  async change(patch, { undo = true } = {}) {
    const next = { ...this.state, ...patch };
    if (undo) {
      this.past.push(this.state);
      if (this.past.length > 200) this.past.shift();
      this.future = [];
    }
    await this.go(next);
  }

  async undo() {
    if (!this.past.length) return this.say(t('Nothing to undo.'));
    this.future.push(this.state);
    await this.go(this.past.pop());
    return this.say(t('Undone.'));
  }

  async redo() {
    if (!this.future.length) return this.say(t('Nothing to redo.'));
    this.past.push(this.state);
    await this.go(this.future.pop());
    return this.say(t('Done again.'));
  }

  async go(next) {
    const before = this.state;
    this.state = next;
    const key = this.key(next, this.view?.narrowed);
    if (!this.view || this.key(before, this.view.narrowed) !== key) {
      try {
        this.view = this.kept.get(key) ?? (await this.ask(`/api/explore/view.json?${key}`));
        this.kept.set(key, this.view);
        if (this.kept.size > 20) this.kept.delete(this.kept.keys().next().value);
      } catch (fault) {
        this.state = before;
        this.past.pop();
        return this.say(fault.message, true);
      }
    }
    this.show(before);
  }

  show(before = null) {
    this.shown = visible(this.view, this.state);
    this.shown.drawn = drawn(this.shown.edges);
    this.dispatchEvent(new CustomEvent('show', { detail: { before } }));
    this.write();
  }

  // Positions and selection change often: they go into the address without a step to undo.
  note(patch) {
    Object.assign(this.state, patch);
    this.write();
  }

  write() {
    const { text, cut } = address(this.state);
    if (text) history.replaceState(null, '', text);
    this.dispatchEvent(new CustomEvent('address', { detail: { cut } }));
  }

  async ask(path) {
    this.dispatchEvent(new CustomEvent('busy', { detail: true }));
    try {
      const answer = await fetch(path + (path.includes('?') ? '&' : '?') + `lang=${page.language ?? 'en'}`, { headers: { Accept: 'application/json' } });
      if (!answer.ok) throw new Error((await answer.text()).trim().slice(0, 500));
      return await answer.json();
    } catch (fault) {
      throw fault instanceof TypeError ? new Error(t('The server cannot be reached; what is drawn stays.')) : fault;
    } finally {
      this.dispatchEvent(new CustomEvent('busy', { detail: false }));
    }
  }

  say(text, fault = false) {
    this.dispatchEvent(new CustomEvent('say', { detail: { text, fault } }));
  }

  node(id) {
    return this.view.nodes.find((each) => each.id === id);
  }

  edge(id) {
    return this.shown.drawn.find((each) => each.statements.some((statement) => statement.id === id));
  }
}
